export function analysisPage(_a: unknown, _t: string): string {
  return "";
}
