// The page works without this file. It moves the day while the slider moves, and keeps the place.
(function () {
  "use strict";
  var form = document.getElementById("opening");
  var slider = document.getElementById("day");
  if (!form || !slider || !window.fetch || !window.DOMParser) { return; }
  var says = document.getElementById("day-text");
  var today = new Date(slider.dataset.today + "T12:00:00Z");
  var running = null;
  var timer = null;

  document.documentElement.classList.add("js");

  function dayText(offset) {
    var day = new Date(today.getTime() + offset * 86400000);
    var names = { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" };
    var part = {};
    new Intl.DateTimeFormat("en-US", names).formatToParts(day).forEach(function (p) {
      part[p.type] = p.value;
    });
    return part.weekday + " " + part.day + " " + part.month + " " + part.year;
  }

  function address() {
    var query = new URLSearchParams(new FormData(form)).toString();
    return form.action + (query ? "?" + query : "");
  }

  function reload() {
    if (running) { running.abort(); }
    running = new AbortController();
    var url = address();
    fetch(url, { signal: running.signal }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (html) {
      var next = new DOMParser().parseFromString(html, "text/html");
      ["results", "steps"].forEach(function (id) {
        var old = document.getElementById(id);
        var fresh = next.getElementById(id);
        if (old && fresh) { old.replaceWith(document.importNode(fresh, true)); }
      });
      says.textContent = next.getElementById("day-text").textContent;
      history.replaceState(null, "", url);
      document.getElementById("status").textContent =
        document.getElementById("answer-heading").textContent;
    }).catch(function (fault) {
      if (fault.name !== "AbortError") { form.submit(); }
    });
  }

  slider.addEventListener("input", function () {
    says.textContent = dayText(Number(slider.value));
    window.clearTimeout(timer);
    timer = window.setTimeout(reload, 60);
  });
  form.addEventListener("change", function (event) {
    if (event.target !== slider) { reload(); }
  });
}());
