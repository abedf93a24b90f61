// Which links the page follows, and how: deep links to the bot become /start in the same chat, the web opens in a new tab.

const TELEGRAM_HOSTS = new Set(['t.me', 'telegram.me', 'telegram.dog']);

/**
 * What a link asks for: `{start: payload}` for a deep link to this bot, `{web: url}` for a page, or null for what a playground
 * cannot open. See https://core.telegram.org/api/links#bot-links.
 */
export function linkTarget(href, bot) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  const username = bot?.username?.toLowerCase();
  if (TELEGRAM_HOSTS.has(url.hostname) && url.pathname.slice(1).toLowerCase() === username) {
    return { start: url.searchParams.get('start') ?? '' };
  }
  if (url.protocol === 'tg:' && url.searchParams.get('domain')?.toLowerCase() === username) {
    return { start: url.searchParams.get('start') ?? '' };
  }
  return url.protocol === 'http:' || url.protocol === 'https:' ? { web: url.href } : null;
}

/** The text that a deep link sends. */
export const startText = (payload) => (payload ? `/start ${payload}` : '/start');
