const LONG_ENOUGH = 60_000; // ms that a browser may take to begin with a file

/** Give a file to the person, as a download. */
export function keep(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), LONG_ENOUGH);
}
