"""Figures and reports, drawn from what tracking wrote to MLflow and from nothing else.

``frames.read`` turns a study's record into tidy tables; every file in ``figures`` draws one chart
of them; ``sentences`` says in words what each chart shows; ``report.write_report`` puts all of it
on one self-contained page. Nothing here knows Ray, torch, or how a network is trained.
"""
