"use strict";
// Gathers what was typed into the table that `course explanations --apply` reads.
const columns = ["notebook", "exercise", "group", "student", "points", "comment", "fingerprint"];
let saved = true;

function typed(box) {
  return [box.querySelector(".points").value.trim(), box.querySelector(".comment").value.trim()];
}

function rows() {
  const found = [];
  for (const article of document.querySelectorAll("article")) {
    for (const section of article.querySelectorAll("section")) {
      const start = [article.dataset.notebook, article.dataset.exercise, section.dataset.group];
      const all = section.querySelector(".all");
      if (all) found.push([...start, "", ...typed(all), ""]);
      for (const row of section.querySelectorAll("tbody tr")) {
        found.push([...start, row.dataset.student, ...typed(row), row.dataset.fingerprint]);
      }
    }
  }
  return found;
}

function quoted(text) {
  return '"' + text.replaceAll('"', '""') + '"';
}

document.addEventListener("input", () => {
  saved = false;
  const count = rows().filter((row) => row[4] || row[5]).length;
  document.getElementById("count").value =
    count === 0 ? "No decisions yet" : count === 1 ? "1 entry, not saved" : count + " entries, not saved";
});

document.getElementById("save").addEventListener("click", () => {
  const wrong = document.querySelector("input:invalid");
  if (wrong) {
    wrong.closest("details").open = true;
    wrong.reportValidity();
    return;
  }
  const lines = [columns, ...rows()].map((row) => row.map(quoted).join(","));
  const file = new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "explanations.csv";
  link.click();
  saved = true;
  document.getElementById("count").value = "Saved as explanations.csv, in the browser's downloads";
});

window.addEventListener("beforeunload", (event) => {
  if (!saved) event.preventDefault();
});
