/** Three digits at most: no more of a figure travels. */
export function count(value: number): string {
  if (value === 0) return '0';
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });
}

export function percent(value: number): string {
  return `${count(100 * value)} %`;
}

/** A share with one decimal, so that a column of them can be added up. */
export function share(value: number): string {
  if (value >= 1.0005) return percent(value);
  return value > 0 && value < 0.001 ? 'under 0.1 %' : `${(100 * value).toFixed(1)} %`;
}

export function bytes(value: number): string {
  return value < 1_000_000 ? `${count(value / 1000)} KB` : `${count(value / 1_000_000)} MB`;
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}
