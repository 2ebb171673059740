/** Words and figures as people read them; all by the browser's own Intl. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const WEEK = 7 * 86_400; // s; older than this a date says more

/** A locale that Intl takes; what is not one becomes English. */
export function usableLocale(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(locale ?? "")[0] ?? "en";
  } catch {
    return "en";
  }
}

/** A time zone that Intl takes, or the browser's own. */
export function usableZone(zone: string | undefined): string | undefined {
  try {
    return zone ? new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined;
  }
}

export class Formatter {
  private readonly numbers: Intl.NumberFormat;
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly exactly: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly locale: string;

  constructor(locale?: string, timeZone?: string) {
    this.locale = usableLocale(locale);
    const zone = usableZone(timeZone);
    this.numbers = new Intl.NumberFormat(this.locale);
    this.relative = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" });
    this.exactly = new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeStyle: "long", timeZone: zone });
    this.days = new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeZone: zone });
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** An amount given as a decimal in text, exact to its last digit. */
  money(amount: string, currency: string): string {
    try {
      const style = { style: "currency", currency } as const;
      return new Intl.NumberFormat(this.locale, style).format(amount as Intl.StringNumericLiteral);
    } catch {
      return `${amount} ${currency}`; // not an ISO 4217 code
    }
  }

  /** "12.50 GBP" as the API writes it; anything else as it is. */
  amount(text: string): string {
    const [, number, currency] = /^(-?[\d.]+) ([A-Z]{3})$/.exec(text) ?? [];
    return number && currency ? this.money(number, currency) : text;
  }

  /** How long ago, or in how long; a date when that is more than a week. */
  ago(iso: string, now: number): string {
    const seconds = Math.round((Date.parse(iso) - now) / 1000);
    if (Number.isNaN(seconds)) return "";
    if (Math.abs(seconds) > WEEK) return this.days.format(new Date(iso));
    for (const [unit, size] of UNITS) {
      if (Math.abs(seconds) >= size) return this.relative.format(Math.trunc(seconds / size), unit);
    }
    return Math.abs(seconds) < 10 ? "just now" : this.relative.format(seconds, "second");
  }

  exact(iso: string): string {
    const time = new Date(iso);
    return Number.isNaN(time.getTime()) ? "" : this.exactly.format(time);
  }
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** What somebody typed in with commas, semicolons or line breaks between, each thing once. */
export function listed(text: string): string[] {
  return [...new Set(text.split(/[,;\n]+/).map((one) => one.trim()).filter(Boolean))];
}
