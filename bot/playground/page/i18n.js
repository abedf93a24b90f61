// The page's own words. What the bot says is in the language of the person it speaks to, and comes from the bot.

export const LANGUAGES = { lt: 'Lietuvių', lv: 'Latviešu', en: 'English' };

const DEFAULT = 'lt';
let words = {};
let current = DEFAULT;

/** Loads the dictionary and chooses the language: asked for in the address, chosen before, the browser's, Lithuanian. */
export async function loadWords() {
  const response = await fetch('/static/words.json');
  words = await response.json();
  const asked = new URLSearchParams(location.search).get('lang');
  const wishes = [asked, localStorage.getItem('language'), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  use(wishes.find((wish) => wish in LANGUAGES) ?? DEFAULT);
}

/** Changes the language and remembers it in this browser. */
export function setLanguage(language) {
  localStorage.setItem('language', language);
  use(language);
}

/** The language in use: lt, lv or en. */
export const language = () => current;

/** The words for a key, `{name}` replaced from `values`. A key with plural forms is chosen by `values.n`. */
export function t(key, values = {}) {
  let text = words[current]?.[key] ?? key;
  if (typeof text === 'object') text = text[new Intl.PluralRules(current).select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A refusal of the server in the language of the page; one that the dictionary does not have stays as the server said it. */
export const refusal = (sentence) => words[current]?.refusals?.[sentence] ?? sentence;

function use(language) {
  current = language;
  document.documentElement.lang = language;
  document.title = t('page_title');
}
