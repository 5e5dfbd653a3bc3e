// Comfort only: everything on the pages works without it.
"use strict";

(() => {
  const words = (seconds) => {
    if (seconds <= 0) return "no time";
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 10) return `${minutes} min ${seconds % 60} s`;
    if (minutes < 60) return `${minutes} min`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  };

  const showLocalTimes = () => {
    for (const place of document.querySelectorAll("[data-local]")) {
      const time = new Date(place.dataset.local);
      if (Number.isNaN(time.getTime())) continue;
      const text = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      place.textContent = `, ${text} your time`;
      place.hidden = false;
    }
  };

  // From what the server said was left, not from this machine's clock, which may be wrong.
  const countDown = () => {
    for (const place of document.querySelectorAll("time[data-left]")) {
      const seconds = Math.floor(Number(place.dataset.left) - performance.now() / 1000);
      place.textContent = words(seconds);
      if (seconds < -1 && "reload" in place.dataset && !place.dataset.done) {
        place.dataset.done = "yes";
        // What was typed is worth more than a fresh page.
        if (![...document.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value)) {
          location.reload();
        }
      }
    }
  };

  showLocalTimes();
  if (document.querySelector("time[data-left]")) {
    countDown();
    setInterval(countDown, 1000);
  }
})();
