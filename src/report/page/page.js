(() => {
  document.documentElement.classList.add('script');
  const rows = [...document.querySelectorAll('details.issue')];
  const issues = rows.map((row) => ({ ...row.dataset, text: row.textContent }));
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  let filter = issueFilter.fromHash(location.hash);

  function show() {
    const chosen = new Set(issueFilter.select(issues, filter));
    rows.forEach((row, number) => { row.hidden = !chosen.has(number); });
    if (shown) shown.textContent = chosen.size + ' of ' + rows.length + ' issues shown';
    if (search && search.value !== (filter.search || '')) search.value = filter.search || '';
    for (const button of document.querySelectorAll('[data-filter]')) {
      const wanted = JSON.parse(button.dataset.filter);
      const on = Object.keys(wanted).length > 0 && Object.keys(wanted).every((field) => filter[field] === String(wanted[field]));
      button.setAttribute('aria-pressed', String(on));
    }
  }

  function change(next) {
    filter = next;
    history.replaceState(null, '', issueFilter.toHash(filter) || location.pathname + location.search);
    show();
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-filter]');
    if (button) {
      event.preventDefault();
      const wanted = JSON.parse(button.dataset.filter);
      change(Object.keys(wanted).length ? issueFilter.toggle(filter, wanted) : {});
      if (button.dataset.jump) document.getElementById(button.dataset.jump).scrollIntoView();
    }
    const copy = event.target.closest('button.copy');
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.text).then(() => { copy.textContent = 'copied'; });
  });
  if (search) search.addEventListener('input', () => change({ ...filter, search: search.value }));
  window.addEventListener('hashchange', () => { filter = issueFilter.fromHash(location.hash); show(); });
  // "/" goes to the search box, j and k from issue to issue.
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === '/' && search) { event.preventDefault(); search.focus(); }
    if (event.key !== 'j' && event.key !== 'k') return;
    const visible = rows.filter((row) => !row.hidden).map((row) => row.querySelector('summary'));
    const next = visible[visible.indexOf(document.activeElement) + (event.key === 'j' ? 1 : -1)];
    if (next) next.focus();
  });
  window.addEventListener('beforeprint', () => rows.forEach((row) => { row.dataset.opened = String(row.open); row.open = true; }));
  window.addEventListener('afterprint', () => rows.forEach((row) => { row.open = row.dataset.opened === 'true'; }));
  show();
})();
