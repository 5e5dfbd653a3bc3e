// Comfort only: everything on the pages works without it.
"use strict";

(() => {
  const REFRESH_SECONDS = 20;
  const announcer = document.getElementById("announce");
  const staleBar = document.getElementById("stale");
  const say = (text) => { if (announcer) announcer.textContent = text; };

  // Times: the reader's own zone, and what is left until a deadline.

  const words = (seconds) => {
    if (seconds <= 0) return "no time";
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 10) return `${minutes} min ${seconds % 60} s`;
    if (minutes < 60) return `${minutes} min`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} days`;
  };

  const showLocalTimes = (root) => {
    for (const place of root.querySelectorAll("[data-local]")) {
      const time = new Date(place.dataset.local);
      if (Number.isNaN(time.getTime())) continue;
      const text = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      place.textContent = `, ${text} your time`;
      place.hidden = false;
    }
  };

  // From what the server said was left, not from this machine's clock, which may be wrong.
  const ends = new WeakMap();
  const secondsLeft = (place) => {
    if (!ends.has(place)) ends.set(place, Number(place.dataset.left) + performance.now() / 1000);
    return Math.floor(ends.get(place) - performance.now() / 1000);
  };

  const MARKS = [600, 300, 120, 60];
  let lastMark = Infinity;
  const countDown = () => {
    for (const place of document.querySelectorAll("time[data-left]")) {
      const seconds = secondsLeft(place);
      place.textContent = words(seconds);
      const line = place.closest(".deadline");
      if (line) line.classList.toggle("urgent", seconds < 300);
      if (!("reload" in place.dataset)) continue;
      const mark = MARKS.findLast((each) => seconds <= each) ?? Infinity;
      if (mark < lastMark && seconds > 0 && lastMark !== Infinity) say(`${words(mark)} left to decide.`);
      lastMark = mark;
      if (seconds < 0 && !place.dataset.done) {
        place.dataset.done = "yes";
        setTimeout(refresh, 500);
      }
    }
  };

  // Only what changed is replaced, so that nothing that was typed is lost and the focus stays.

  const isSame = (a, b) => {
    const bare = (node) => {
      const copy = node.cloneNode(true);
      for (const time of copy.querySelectorAll("time[data-left]")) {
        time.textContent = "";
        delete time.dataset.left;
        delete time.dataset.done;
      }
      for (const place of copy.querySelectorAll("[data-local]")) { place.textContent = ""; place.hidden = true; }
      for (const line of copy.querySelectorAll(".deadline")) line.classList.remove("urgent");
      for (const input of copy.querySelectorAll("input[type=hidden]")) input.removeAttribute("value");
      return copy.innerHTML;
    };
    return bare(a) === bare(b);
  };

  const replace = (old, sent) => {
    const fresh = document.importNode(sent, true);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details")].map((each) => each.open);
    old.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((each, index) => { if (open[index]) each.open = true; });
    showLocalTimes(fresh);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  const adopt = (page) => {
    const stateBefore = document.getElementById("state")?.dataset.state;
    for (const id of ["halted", ...[...document.querySelectorAll("[data-part]")].map((each) => each.id)]) {
      const old = document.getElementById(id);
      const fresh = page.getElementById(id);
      if (old && fresh && !isSame(old, fresh)) replace(old, fresh);
    }
    const decide = document.getElementById("decide");
    const revoke = page.getElementById("revoke");
    if (decide && !page.getElementById("decision")) {
      const hadFocus = decide.contains(document.activeElement);
      const seen = page.getElementById("decide");
      const notice = seen ? document.importNode(seen, true) : closedNotice(page);
      decide.replaceWith(notice);
      document.querySelector(".tobar")?.remove();
      document.querySelector(".record")?.setAttribute("open", "");
      if (hadFocus) notice.focus();
    } else if (!document.getElementById("decision") && !document.getElementById("closed") && revoke) {
      const own = document.getElementById("revoke");
      if (!own) document.querySelector(".page")?.append(document.importNode(revoke, true));
    } else if (document.getElementById("revoke") && !revoke) {
      document.getElementById("revoke").remove();
    }
    const state = page.getElementById("state");
    if (state && state.dataset.state !== stateBefore) {
      document.title = page.title;
      say(page.querySelector("#outcome h2")?.textContent ?? state.textContent);
    } else if (document.getElementById("inbox")) {
      const title = page.querySelector("h1")?.textContent ?? "";
      if (title !== inboxTitle) say(title);
      inboxTitle = title;
    } else {
      const lead = page.getElementById("alerts-lead")?.textContent ?? "";
      if (lead !== alertsLead) say(lead);
      alertsLead = lead;
    }
    countDown();
  };
  let alertsLead = document.getElementById("alerts-lead")?.textContent ?? "";
  let inboxTitle = document.querySelector("#inbox h1")?.textContent ?? "";

  const closedNotice = (page) => {
    const notice = document.createElement("section");
    notice.className = "panel";
    notice.id = "closed";
    notice.tabIndex = -1;
    const title = document.createElement("h2");
    title.textContent = "There is nothing left to decide";
    const told = document.createElement("p");
    const outcome = page.querySelector("#outcome h2")?.textContent ?? "This proposal is no longer open.";
    told.textContent = `While you had this page open: ${outcome} What you typed was not sent.`;
    notice.append(title, told);
    return notice;
  };

  // The page asks for itself again; what the server shows is what counts.

  let isAsking = false;
  let mustAskAgain = false;
  const isOut = () => staleBar && !staleBar.hidden;
  const stale = (text) => {
    if (!staleBar || isOut()) return;
    const line = staleBar.querySelector("p");
    line.textContent = `${text} This page may be out of date. `;
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.textContent = "Load it again";
    line.append(link);
    staleBar.hidden = false;
    say(text + " This page may be out of date.");
  };
  const current = () => { if (isOut()) { staleBar.hidden = true; say("This page is up to date again."); } };

  const refresh = async () => {
    if (isAsking) { mustAskAgain = true; return; }
    isAsking = true;
    try {
      const answer = await fetch(location.pathname + location.search, {
        cache: "no-store", redirect: "manual",
        // Nobody did anything: a session that is idle ends all the same.
        headers: { "Countersign-Refresh": "1" },
      });
      if (answer.type === "opaqueredirect") {
        stop();
        stale("You are not logged in any more.");
      } else if (!answer.ok) {
        stale("The server does not answer as it should.");
      } else {
        adopt(new DOMParser().parseFromString(await answer.text(), "text/html"));
        current();
      }
    } catch {
      stale("The connection to the server is lost.");
    } finally {
      isAsking = false;
      if (mustAskAgain) { mustAskAgain = false; setTimeout(refresh, 300); }
    }
  };

  const address = document.body.dataset.live;
  let source = null;
  let pending = 0;
  let beat = 0;
  const soon = () => {
    clearTimeout(pending);
    pending = setTimeout(refresh, 150);
  };
  const stop = () => {
    source?.close();
    source = null;
    clearInterval(beat);
  };
  const follow = () => {
    source = new EventSource(address);
    source.addEventListener("changed", soon);
    let lost = 0;
    source.addEventListener("open", () => {
      clearTimeout(lost);
      lost = 0;
      if (isOut()) refresh();
    });
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) refresh();
      else if (!lost) lost = setTimeout(() => stale("The connection to the server is lost."), 4000);
    });
    // Prices and ages change without an event.
    beat = setInterval(refresh, REFRESH_SECONDS * 1000);
  };

  // The form says what was wrong at its top: a reader who cannot see it is taken there.
  document.getElementById("problem")?.focus();

  showLocalTimes(document);
  if (document.querySelector("time[data-left], [data-live]")) {
    countDown();
    setInterval(countDown, 1000);
  }
  if (address && "EventSource" in window) {
    follow();
    // A browser has few connections to a server: a window that nobody sees gives its own back.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) stop();
      else if (!source) { refresh(); follow(); }
    });
  }
})();
