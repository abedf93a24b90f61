// Dates, times and sizes as each language writes them, on the wall clock of the library's zone.

import { language, t } from './i18n.js';

let zone = 'Europe/Vilnius';

/** Sets the zone in which all times are shown. */
export function setZone(name) {
  zone = name || zone;
}

/** A moment of the API (Unix seconds, or RFC 3339) as a Date. */
export const moment = (value) => new Date(typeof value === 'number' ? value * 1000 : value);

/** The time of day: 14.30 in Lithuanian and Latvian, 14:30 in English. */
export function clockTime(date) {
  const parts = format(date, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, 'en-GB');
  return language() === 'en' ? parts : parts.replace(':', '.');
}

/** The day as a key that sorts and compares: 2026-12-03. */
export const dayKey = (date) => format(date, { year: 'numeric', month: '2-digit', day: '2-digit' }, 'sv-SE');

/** The day for a separator: today, yesterday, or the date, with the year when it is another than now's. */
export function dayName(date, now) {
  const key = dayKey(date);
  if (key === dayKey(now)) return t('today');
  if (key === dayKey(new Date(now.getTime() - 86_400_000))) return t('yesterday');
  const sameYear = key.slice(0, 4) === dayKey(now).slice(0, 4);
  return format(date, { month: 'long', day: 'numeric', year: sameYear ? undefined : 'numeric' });
}

/** The short time of a row in the list: the time today, else the day. */
export function shortTime(date, now) {
  if (dayKey(date) === dayKey(now)) return clockTime(date);
  return format(date, { day: 'numeric', month: 'short' });
}

/** The whole date with its weekday: "2026 m. gruodžio 3 d., ketvirtadienis". */
export const fullDate = (date) => format(date, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });

/** The date with a short weekday, for narrow screens. Lithuanian has no short names of months, only their numbers. */
export const shortDate = (date) =>
  format(date, { weekday: 'short', month: language() === 'lt' ? 'long' : 'short', day: 'numeric' });

/** A length of time in days, hours and minutes, without the parts that are zero. */
export function span(seconds) {
  const minutes = Math.round(seconds / 60);
  const parts = [
    ['days_short', Math.floor(minutes / 1440)],
    ['hours_short', Math.floor(minutes / 60) % 24],
    ['minutes_short', minutes % 60],
  ];
  return parts.filter(([, n]) => n > 0).map(([key, n]) => t(key, { n })).join(' ');
}

/** A file's size, in units of 1024 bytes. */
export function fileSize(bytes) {
  const number = (value) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);
  if (bytes < 1024) return t('size_bytes', { n: number(bytes) });
  if (bytes < 1024 * 1024) return t('size_kilobytes', { n: number(bytes / 1024) });
  return t('size_megabytes', { n: number(bytes / 1024 / 1024) });
}

const locale = () => (language() === 'en' ? 'en-GB' : language());

const format = (date, options, tag = locale()) => new Intl.DateTimeFormat(tag, { timeZone: zone, ...options }).format(date);
