// The playground's date and time, and the buttons that move them forward.

import { moveClock } from './api.js';
import { el, icon } from './dom.js';
import { clockTime, fullDate, shortDate, span } from './format.js';
import { t } from './i18n.js';

const TICK_MS = 1_000;

export class ClockControl {
  #store;
  #onError;
  #time = el('time', { class: 'clock-time', dataset: { testid: 'clock' } });
  #date = el('span', { class: 'clock-date' });
  #shortDate = el('span', { class: 'clock-date-short' });
  #shift = el('span', { class: 'clock-shift' });
  #buttons;
  #progress = el('div', { class: 'clock-progress', role: 'progressbar', hidden: true });
  #timer;
  #stop = new AbortController();

  constructor(store, onError) {
    this.#store = store;
    this.#onError = onError;
    this.#progress.setAttribute('aria-label', t('clock_moving'));
    this.#buttons = el('div', { class: 'clock-buttons', role: 'group', 'aria-label': t('clock') },
      this.#button('clock', 'clock_hour', { advance: '1h' }),
      this.#button('clock', 'clock_day', { advance: '24h' }),
      this.#button('van', 'clock_visit', { to: 'next-visit' }));
    this.element = el('div', { class: 'clock', dataset: { testid: 'clock-bar' } },
      el('div', { class: 'clock-face', title: t('clock') }, icon('clock'), this.#time, this.#date, this.#shortDate, this.#shift),
      this.#buttons, this.#progress);
    store.addEventListener('clock', () => this.#show(), { signal: this.#stop.signal });
    this.#timer = setInterval(() => this.#show(), TICK_MS);
    this.#show();
  }

  close() {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  #button(symbol, key, step) {
    return el('button', {
      type: 'button', class: `chip clock-button ${symbol}`, title: t(key), dataset: { testid: key.replace('_', '-') },
      onclick: () => this.#move(step),
    }, symbol === 'van' ? icon(symbol) : null, el('span', {}, t(key)));
  }

  async #move(step) {
    this.#setMoving(true);
    try {
      this.#store.setClock(await moveClock(step));
    } catch (error) {
      this.#onError(error);
    }
    this.#setMoving(false);
  }

  #setMoving(moving) {
    for (const button of this.#buttons.children) button.disabled = moving;
    this.#progress.hidden = !moving;
    this.element.setAttribute('aria-busy', String(moving));
  }

  #show() {
    const { clock } = this.#store;
    const now = this.#store.now();
    write(this.#time, clockTime(now));
    write(this.#date, fullDate(now));
    write(this.#shortDate, shortDate(now));
    const shift = clock.shift_seconds >= 60 ? t('clock_shifted', { shift: span(clock.shift_seconds) }) : '';
    write(this.#shift, shift);
    this.#buttons.hidden = !clock.controllable;
  }
}

/** Writes only what changed: a screen reader and the selection are left alone otherwise. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
