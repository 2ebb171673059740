/** A text in which what stands between backticks is to be typed as it is. */
export function WithCode({ text }: { text: string }) {
  return text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
}
