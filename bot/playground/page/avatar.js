// A round picture with initials; the colour follows from the person's id, as in Telegram.

import { el } from './dom.js';

const COLOURS = 7;

export function avatar(person, size = 'large') {
  const initials = [person?.first_name, person?.last_name].map((name) => [...(name ?? '')][0] ?? '').join('').toUpperCase();
  return el('span', { class: `avatar avatar-${size} avatar-${(person?.id ?? 0) % COLOURS}`, 'aria-hidden': 'true' }, initials || '?');
}
