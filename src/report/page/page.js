(() => {
  const root = document.documentElement;
  root.classList.add('script');
  const rows = [...document.querySelectorAll('details.issue')];
  const issues = rows.map((row) => ({ ...row.dataset, text: row.textContent }));
  const counts = rows.map((row) => Number(row.dataset.count || 1));
  const search = document.getElementById('search');
  const sort = document.getElementById('sort');
  let filter = issueFilter.fromHash(location.hash);
  let chosen = new Set(rows.keys());

  function told(list) {
    let all = 0;
    let shown = 0;
    rows.forEach((row, number) => {
      if (row.parentElement !== list) return;
      all += counts[number];
      if (chosen.has(number)) shown += counts[number];
    });
    return shown.toLocaleString('en') + ' of ' + all.toLocaleString('en') + ' shown' + (shown < all ? ': a filter is set' : '');
  }

  function show() {
    chosen = new Set(issueFilter.select(issues, filter));
    rows.forEach((row, number) => { row.hidden = !chosen.has(number); });
    for (const line of document.querySelectorAll('.shown')) line.textContent = told(document.getElementById(line.dataset.list));
    if (search && search.value !== (filter.search || '')) search.value = filter.search || '';
    for (const select of document.querySelectorAll('select[data-field]')) select.value = filter[select.dataset.field] || '';
    for (const button of document.querySelectorAll('button[data-filter]')) {
      const wanted = JSON.parse(button.dataset.filter);
      const fields = Object.keys(wanted);
      button.setAttribute('aria-pressed', String(fields.length > 0 && fields.every((field) => filter[field] === String(wanted[field]))));
    }
  }

  function change(next) {
    filter = next;
    history.replaceState(null, '', issueFilter.toHash(filter) || location.pathname + location.search);
    show();
  }

  /** A cell of the matrix replaces the whole filter: as many rows are shown as its number says. */
  function press(button) {
    const wanted = JSON.parse(button.dataset.filter);
    const whole = Boolean(button.dataset.jump);
    if (!Object.keys(wanted).length) change({});
    else change(issueFilter.toggle(whole && !issueFilter.same(filter, wanted) ? {} : filter, wanted));
    const section = document.getElementById(button.dataset.jump || '');
    if (section) section.scrollIntoView();
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-filter]');
    if (button) {
      event.preventDefault();
      press(button);
    }
    const copy = event.target.closest('button.copy');
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.text).then(() => { copy.textContent = 'copied'; });
  });
  if (search) search.addEventListener('input', () => change({ ...filter, search: search.value }));
  document.addEventListener('change', (event) => {
    const field = event.target.dataset.field;
    if (field) change({ ...filter, [field]: event.target.value });
  });
  if (sort) sort.addEventListener('change', () => {
    const list = document.getElementById('issues-list');
    const order = issueFilter.order(issues, sort.value).filter((number) => rows[number].parentElement === list);
    list.append(...order.map((number) => rows[number]));
  });
  const unfold = document.getElementById('unfold');
  if (unfold) unfold.addEventListener('click', () => {
    const visible = rows.filter((row) => !row.hidden);
    const open = visible.some((row) => !row.open);
    visible.forEach((row) => { row.open = open; });
    unfold.textContent = open ? 'close all' : 'open all';
  });
  /** A link to one issue opens it, whatever the filter hides. */
  function reveal() {
    if (!location.hash.startsWith('#issue-')) return;
    const row = document.getElementById(location.hash.slice(1));
    if (!row) return;
    row.hidden = false;
    row.open = true;
    row.scrollIntoView();
  }
  window.addEventListener('hashchange', () => {
    if (!location.hash || location.hash.includes('=')) { filter = issueFilter.fromHash(location.hash); show(); }
    reveal();
  });
  // "/" goes to the search box, j and k from issue to issue.
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === '/' && search) { event.preventDefault(); search.focus(); }
    if (event.key !== 'j' && event.key !== 'k') return;
    const visible = rows.filter((row) => !row.hidden).map((row) => row.querySelector('summary'));
    const next = visible[visible.indexOf(document.activeElement) + (event.key === 'j' ? 1 : -1)];
    if (next) next.focus();
  });
  // What is too wide scrolls, and the keyboard has to get there.
  function reach() {
    for (const box of document.querySelectorAll('.scroll, .picture')) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute('role', 'region');
        const name = box.querySelector('caption, title');
        box.setAttribute('aria-label', name ? name.textContent : 'wide content');
      } else {
        for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
      }
    }
  }
  window.addEventListener('resize', reach);
  let waiting = 0;
  document.addEventListener('toggle', () => {
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; reach(); });
  }, true);
  const folds = () => document.querySelectorAll('details');
  window.addEventListener('beforeprint', () => folds().forEach((one) => { one.dataset.opened = String(one.open); one.open = true; }));
  window.addEventListener('afterprint', () => folds().forEach((one) => { one.open = one.dataset.opened === 'true'; }));
  show();
  reveal();
  reach();
})();
