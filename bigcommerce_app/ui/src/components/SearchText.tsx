import { Input } from "@bigcommerce/big-design";
import { useEffect, useState } from "react";

const TYPING = 300; // ms of silence that mean the search text is complete

interface Props {
  text: string;
  placeholder: string;
  onChange: (text: string) => void;
}

/** A search that begins when the typing ends. */
export function SearchText({ text, placeholder, onChange }: Props) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed === text) return;
    const timer = window.setTimeout(() => onChange(typed), TYPING);
    return () => window.clearTimeout(timer);
  }, [typed, text, onChange]);
  return (
    <Input
      label="Search"
      maxLength={200}
      onChange={(event) => setTyped(event.target.value)}
      placeholder={placeholder}
      type="search"
      value={typed}
    />
  );
}
