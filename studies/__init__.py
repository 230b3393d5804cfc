"""Studies that ship with the platform: one YAML file, one question."""
