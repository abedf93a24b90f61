// The bar above everything: what this is, the clock, and the switches of view, language and theme.

import { ClockControl } from './clock.js';
import { el, icon, iconButton } from './dom.js';
import { language, LANGUAGES, setLanguage, t } from './i18n.js';
import { openMenu } from './popup.js';

const THEMES = { auto: 'auto', light: 'sun', dark: 'moon' };

export class TopBar {
  #clock;
  #one;
  #all;
  #theme;

  /** Calls onLanguage() after a change of language, onView(all) to ask for another view, onError(error) when the clock fails. */
  constructor(store, { onLanguage, onView, onError }) {
    this.#clock = new ClockControl(store, onError);
    this.#one = iconButton('list', t('one_at_a_time'), {
      class: 'segment', dataset: { testid: 'view-one' }, onclick: () => onView(false),
    });
    this.#all = iconButton('columns', t('side_by_side'), {
      class: 'segment', dataset: { testid: 'view-all' }, onclick: () => onView(true),
    });
    this.#theme = iconButton(THEMES[chosenTheme()], t('theme'), {
      'aria-haspopup': 'menu', dataset: { testid: 'theme' }, onclick: () => this.#openThemes(),
    });
    const languages = el('button', {
      type: 'button', class: 'icon-button language-button', 'aria-haspopup': 'menu', 'aria-label': t('language'), title: t('language'),
      dataset: { testid: 'language' },
      onclick: (event) => openMenu(event.currentTarget, t('language'), Object.entries(LANGUAGES).map(([code, name]) => ({
        label: name, checked: code === language(), testid: `language-${code}`,
        action: () => {
          setLanguage(code);
          onLanguage();
        },
      }))),
    }, language().toUpperCase());
    this.element = el('header', { class: 'top-bar' },
      el('div', { class: 'brand' },
        el('span', { class: 'brand-mark' }, icon('book')), el('span', { class: 'brand-name' }, t('playground'))),
      this.#clock.element,
      el('div', { class: 'switches' },
        el('div', { class: 'segments', role: 'group', 'aria-label': t('view') }, this.#one, this.#all), languages, this.#theme));
  }

  close() {
    this.#clock.close();
  }

  showView(all) {
    this.#one.setAttribute('aria-pressed', String(!all));
    this.#all.setAttribute('aria-pressed', String(all));
  }

  #openThemes() {
    openMenu(this.#theme, t('theme'), Object.entries(THEMES).map(([theme, symbol]) => ({
      icon: symbol, label: t(`theme_${theme}`), checked: theme === chosenTheme(), testid: `theme-${theme}`,
      action: () => {
        if (theme === 'auto') {
          localStorage.removeItem('theme');
          delete document.documentElement.dataset.theme;
        } else {
          localStorage.setItem('theme', theme);
          document.documentElement.dataset.theme = theme;
        }
        this.#theme.replaceChildren(icon(symbol));
      },
    })));
  }
}

const chosenTheme = () => document.documentElement.dataset.theme ?? 'auto';
