"use strict";
// What a page does by itself: theme and width of the screen, its title, pictures of its charts.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  const THEMES = ["system", "light", "dark"];
  const KEPT = "layerwise-theme";

  const kept = () => {
    try {
      return THEMES.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : "system";
    } catch {
      return "system"; // A browser may forbid a page to keep anything.
    }
  };

  let theme = kept();

  const screen = () => ({
    dark: theme === "dark" || (theme === "system" && dark.matches),
    narrow: narrow.matches,
  });

  const dress = () => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = `Theme: ${theme}`;
  };

  const tell = () => {
    dress();
    window.dash_clientside?.set_props?.("screen", { data: screen() });
  };

  const turn = () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // The theme then lasts as long as the page.
    }
    tell();
  };

  const copy = async (button) => {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
    } catch {
      // Without leave to write, or over plain http: the address is shown to be copied by hand.
      prompt("The address of this view", location.href);
    }
    setTimeout(() => { button.textContent = said; }, 1500);
  };

  const save = (name) => {
    const box = document.querySelector(`[data-chart="${CSS.escape(name)}"] .js-plotly-plot`);
    if (!box) return;
    const { width, height } = box._fullLayout;
    Plotly.downloadImage(box, { format: "svg", width, height, filename: name });
  };

  // The image of the point below the pointer, where a chart's points are images.
  const isImage = (data) =>
    typeof data === "string" && /^data:image\/png;base64,[A-Za-z0-9+/=]+$/.test(data);
  const thumbnail = document.createElement("div");
  const picture = document.createElement("img");
  thumbnail.className = "thumbnail";
  thumbnail.append(picture);
  picture.alt = ""; // The words beside the point say what it is.

  const follow = (box) => {
    if (box.dataset.followed || !box.data?.some(({ customdata }) => isImage(customdata?.[0]))) return;
    box.dataset.followed = "true";
    box.on("plotly_hover", ({ points, event }) => {
      const data = points[0].customdata;
      if (!isImage(data) || !event) return;
      picture.src = data;
      document.body.append(thumbnail);
      const { offsetWidth: width, offsetHeight: height } = thumbnail;
      const left = Math.min(event.clientX - width / 2, innerWidth - width - 8);
      const above = event.clientY - height - 24;
      thumbnail.style.left = `${Math.max(left, 8)}px`;
      thumbnail.style.top = `${above < 8 ? event.clientY + 24 : above}px`;
    });
    box.on("plotly_unhover", () => thumbnail.remove());
  };

  // What is shown of the record is asked for once a second, and no second time before the answer.
  let asking = false;
  const version = async (search, known) => {
    const { no_update: same } = window.dash_clientside;
    if (asking) return same;
    asking = true;
    try {
      const answer = await fetch(`version${search ?? ""}`);
      if (!answer.ok) return same;
      const found = await answer.json();
      return known && found.join() === known.join() ? same : found;
    } catch {
      return same; // The server is not there, maybe for a while only.
    } finally {
      asking = false;
    }
  };

  document.addEventListener("mouseover", (event) => {
    const box = event.target.closest?.(".js-plotly-plot");
    if (box) follow(box);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.id === "theme") turn();
    else if (button.id === "copy") copy(button);
    else if (button.dataset.image) save(button.dataset.image);
  });
  dark.addEventListener("change", tell);
  narrow.addEventListener("change", tell);
  document.addEventListener("visibilitychange", () => {
    // Nobody looks: nothing is asked.
    window.dash_clientside?.set_props?.("clock", { disabled: document.hidden });
  });
  dress();

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    layerwise: {
      screen: (ticks, known) => {
        dress();
        const found = screen();
        const same = known && known.dark === found.dark && known.narrow === found.narrow;
        return same ? window.dash_clientside.no_update : found;
      },
      version: (ticks, search, known) => version(search, known),
      unfolded: (told) => !told?.narrow,
      title: (text) => {
        if (text) document.title = text;
        return window.dash_clientside.no_update;
      },
    },
  });
})();
