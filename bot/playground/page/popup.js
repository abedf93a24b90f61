// A small menu that opens beside its button: arrow keys move in it, Escape closes it and gives the focus back.

import { el, icon } from './dom.js';

const MARGIN = 8;

/**
 * Opens a menu at an element, or at a point `{x, y}`. Items are `{icon, label, action, checked, testid}`; falsy ones are skipped.
 */
export function openMenu(at, label, items) {
  const opener = document.activeElement;
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'auto' },
    items.filter(Boolean).map((item) => menuItem(item, () => menu.hidePopover())));
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return;
    menu.remove();
    if (document.activeElement === document.body) opener?.focus?.({ preventScroll: true });
  });
  menu.addEventListener('keydown', moveFocus);
  document.body.append(menu);
  menu.showPopover();
  place(menu, at);
  menu.querySelector('button')?.focus();
}

function menuItem({ icon: symbol, label, action, checked, testid }, close) {
  const role = checked === undefined ? 'menuitem' : 'menuitemradio';
  return el('button', {
    type: 'button', class: 'menu-item', role, 'aria-checked': checked === undefined ? null : String(checked),
    'data-testid': testid ?? null,
    onclick: () => {
      close();
      action();
    },
  }, symbol ? icon(symbol) : null, el('span', {}, label));
}

function place(menu, at) {
  const box = at instanceof Element ? at.getBoundingClientRect() : { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const { width, height } = menu.getBoundingClientRect();
  const left = box.left + width + MARGIN > innerWidth ? box.right - width : box.left;
  const below = box.bottom + height + 2 * MARGIN <= innerHeight;
  menu.style.left = `${Math.max(MARGIN, left)}px`;
  menu.style.top = `${Math.max(MARGIN, below ? box.bottom + 4 : box.top - height - 4)}px`;
}

function moveFocus(event) {
  const items = [...event.currentTarget.querySelectorAll('button')];
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  items.at(steps[event.key] % items.length).focus();
}
