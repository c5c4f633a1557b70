// Before the program has come, the page has the theme that was chosen in this browser. Trunk puts this script into the
// page; `src/ui/theme.rs` has the rest.
(() => {
  try {
    const theme = localStorage.getItem("millrace-theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is blocked: the theme is that of the system.
  }
})();
