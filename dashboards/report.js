"use strict";
// Draws the charts of the report, in light or dark, wide or narrow, and hands out their numbers.
(() => {
  const { charts, exchange, study } = JSON.parse(document.getElementById("payload").textContent);
  const dark = matchMedia("screen and (prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  let printing = false;

  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: false,
    showSendToCloud: false,
    plotlyServerURL: "",
    topojsonURL: "data:,",
    typesetMath: false,
    showTips: false,
    scrollZoom: false,
    doubleClick: false,
  };

  // A figure comes in the light palette; in the dark every colour changes for its partner.
  const inTheme = (value) => {
    if (typeof value === "string") return exchange[value] ?? value;
    if (Array.isArray(value)) return value.map(inTheme);
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTheme(inner)]));
    }
    return value;
  };

  const named = (name) => charts.find((chart) => chart.name === name);
  const filename = (chart) => `${study}-${chart.name}`.replace(/[^\w.-]+/g, "_");

  const draw = (chart) => {
    const box = document.getElementById(chart.name);
    const drawn = narrow.matches && !printing && chart.narrow ? chart.narrow : chart.wide;
    const copy = JSON.parse(JSON.stringify(drawn));
    const figure = dark.matches && !printing ? inTheme(copy) : copy;
    // A sheet of paper resizes nothing: charts get the width of A4 and Letter within margins.
    if (printing) Object.assign(figure.layout, { width: 660, autosize: false });
    box.style.minHeight = `${figure.layout.height}px`;
    return Plotly.react(box, figure.data, figure.layout, config).then(() => showThumbnails(box));
  };

  // The image of a point, where its trace carries one, beside the pointer that rests on it.
  const isThumbnail = (data) =>
    typeof data === "string" && /^data:image\/png;base64,[A-Za-z0-9+/=]+$/.test(data);

  const thumbnail = document.createElement("div");
  const picture = document.createElement("img");
  thumbnail.className = "thumbnail";
  thumbnail.append(picture);
  // The words beside the point say what it is.
  picture.alt = "";
  const hideThumbnail = () => thumbnail.remove();

  const showThumbnails = (box) => {
    if (box.dataset.thumbnails || !box.data.some(({ customdata }) => isThumbnail(customdata?.[0]))) {
      return;
    }
    box.dataset.thumbnails = "true";
    box.on("plotly_hover", ({ points, event }) => {
      const data = points[0].customdata;
      if (!isThumbnail(data) || !event) return;
      picture.src = data;
      document.body.append(thumbnail);
      // Above the pointer, away from the words beside it; below where there is no room.
      const { offsetWidth: width, offsetHeight: height } = thumbnail;
      const left = Math.min(event.clientX - width / 2, innerWidth - width - 8);
      const above = event.clientY - height - 24;
      thumbnail.style.left = `${Math.max(left, 8)}px`;
      thumbnail.style.top = `${above < 8 ? event.clientY + 24 : above}px`;
    });
    box.on("plotly_unhover", hideThumbnail);
  };

  const drawAll = () => Promise.all(charts.map(draw));

  // The page is readable before its charts are there: one chart a frame.
  const drawFirst = async () => {
    for (const chart of charts) {
      await draw(chart);
      await new Promise((resume) => setTimeout(resume));
    }
    document.documentElement.dataset.ready = "true";
  };

  const shown = (cell) => {
    if (cell === null) return "–";
    if (typeof cell !== "number" || Number.isInteger(cell)) return String(cell);
    return String(Number(cell.toPrecision(6)));
  };

  const fill = (details) => {
    const box = details.querySelector(".scroll");
    if (box.firstChild) return;
    const { columns, rows } = named(details.dataset.table).table;
    const table = document.createElement("table");
    const wordy = columns.map((_, at) => rows.some((row) => typeof row[at] === "string"));
    const line = (into, cells, tag) => {
      const row = into.insertRow();
      cells.forEach((cell, at) => {
        const made = document.createElement(tag);
        made.textContent = tag === "th" ? cell : shown(cell);
        if (tag === "th") made.scope = "col";
        if (wordy[at]) made.className = "words";
        row.append(made);
      });
    };
    line(table.createTHead(), columns, "th");
    const body = table.createTBody();
    rows.forEach((row) => line(body, row, "td"));
    box.append(table);
  };

  // Text that a spreadsheet would run as a formula gets an apostrophe before it.
  const cellText = (cell) => {
    if (cell === null) return "";
    const words = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
    return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
  };

  const csv = ({ columns, rows }) =>
    [columns, ...rows].map((row) => row.map(cellText).join(",")).join("\r\n") + "\r\n";

  const saveImage = (name) => {
    const { width, height } = document.getElementById(name)._fullLayout;
    Plotly.downloadImage(name, { format: "svg", width, height, filename: filename(named(name)) });
  };

  const saveTable = (name) => {
    const chart = named(name);
    const link = document.createElement("a");
    const blob = new Blob([csv(chart.table)], { type: "text/csv;charset=utf-8" });
    link.href = URL.createObjectURL(blob);
    link.download = `${filename(chart)}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  document.querySelectorAll("details[data-table]").forEach((details) => {
    details.addEventListener("toggle", () => details.open && fill(details));
  });
  document.querySelectorAll("button[data-csv]").forEach((button) => {
    button.addEventListener("click", () => saveTable(button.dataset.csv));
  });
  document.querySelectorAll("button[data-image]").forEach((button) => {
    button.addEventListener("click", () => saveImage(button.dataset.image));
  });
  // A pointer that leaves with the page under it does not always tell the chart.
  addEventListener("scroll", hideThumbnail, { passive: true });
  dark.addEventListener("change", drawAll);
  narrow.addEventListener("change", drawAll);
  addEventListener("beforeprint", () => { printing = true; drawAll(); });
  addEventListener("afterprint", () => { printing = false; drawAll(); });
  drawFirst();
})();
