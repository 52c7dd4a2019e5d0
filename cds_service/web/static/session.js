// Warns before the session ends, and hands in what was typed when it has ended.
(() => {
  "use strict";
  const note = document.getElementById("session-end");
  const dialog = document.getElementById("session-warning");
  if (!note || !dialog) return;
  const SHARED = "itb-session-ends";
  const left = dialog.querySelector("[data-left]");
  const stay = dialog.querySelector("[data-stay]");
  const finalEnd = Date.now() + Number(note.dataset.finalSeconds) * 1000;
  let end = 0;
  let isOver = false;
  let isPutAway = false;

  function lastsUntil(moment) {
    end = Math.min(moment, finalEnd);
  }

  function share() {
    // Other tabs of the same session learn that somebody is at work here.
    try { localStorage.setItem(SHARED, String(end)); } catch { /* storage is refused in some frames */ }
  }

  function isChanged(field) {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((each) => each.selected !== each.defaultSelected);
    return "defaultValue" in field && field.value !== field.defaultValue;
  }

  function handIn(form) {
    const kept = document.createElement("form");
    kept.method = "post";
    kept.action = note.dataset.keep;
    const fields = [...new FormData(form), ["kept_path", new URL(form.action, location.href).pathname]];
    for (const [name, text] of fields) {
      if (typeof text !== "string") continue;
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = text;
      kept.append(field);
    }
    document.body.append(kept);
    kept.submit();
  }

  function over() {
    isOver = true;
    document.body.classList.add("session-over");
    const typed = [...document.querySelectorAll("form[method=post]")].find(
      (form) => form.elements.namedItem("csrf_token") && [...form.elements].some(isChanged),
    );
    if (typed) handIn(typed);
    else location.replace(note.dataset.after);
  }

  function look() {
    if (isOver) return;
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) return over();
    if (seconds > Number(note.dataset.warnSeconds)) {
      isPutAway = false;
      if (dialog.open) dialog.close();
      return;
    }
    left.textContent = String(seconds);
    const isFinal = end >= finalEnd;
    for (const each of dialog.querySelectorAll("[data-when]")) {
      each.hidden = (each.dataset.when === "final") !== isFinal;
    }
    // Whoever has closed it finishes what stands behind it.
    if (!dialog.open && !isPutAway) dialog.showModal();
  }

  async function goOn() {
    try {
      const body = new URLSearchParams({ csrf_token: note.dataset.token });
      const answer = await fetch(note.dataset.stay, { method: "POST", body, redirect: "manual" });
      // A way elsewhere leads to the sign-in: the session has ended already.
      if (answer.type === "opaqueredirect" || (!answer.ok && answer.status < 500)) return over();
      if (!answer.ok) throw new Error("not answered");
      lastsUntil(Date.now() + (await answer.json()).seconds * 1000);
      share();
      look();
    } catch {
      dialog.querySelector("[data-failed]").hidden = false;
    }
  }

  stay.addEventListener("click", goOn);
  dialog.addEventListener("cancel", () => { isPutAway = true; });
  dialog.querySelector("[data-close]").addEventListener("click", () => {
    isPutAway = true;
    dialog.close();
  });
  addEventListener("storage", (event) => {
    if (event.key === SHARED && Number(event.newValue) > end) {
      lastsUntil(Number(event.newValue));
      look();
    }
  });
  addEventListener("pageshow", look);
  lastsUntil(Date.now() + Number(note.dataset.seconds) * 1000);
  share();
  setInterval(look, 1000);
})();
