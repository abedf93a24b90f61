// Loaded before the style sheets apply, so that a chosen theme never flashes: everything else waits for the modules.
(() => {
  const asked = new URLSearchParams(location.search).get('theme');
  const chosen = asked ?? localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
