/** Whether the whole text matches: `*` stands for any characters, everything else for itself, upper and lower case apart. */
export function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
