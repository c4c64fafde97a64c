import type { Check, GroupName } from "./check.ts";

/** The ways in which one check can end. */
export interface Findings {
  ok(found: string): Check;
  warning(found: string, remedy: string): Check;
  failed(found: string, remedy: string): Check;
  /** `why` it could not be made. */
  skipped(why: string): Check;
}

/** Makes a group's checks: of this id, about this subject, and what was found. */
export function checksOf(group: GroupName): (id: string, subject: string) => Findings {
  return (id, subject) => ({
    ok: (found) => ({ group, id, status: "ok", subject, found }),
    warning: (found, remedy) => ({ group, id, status: "warning", subject, found, remedy }),
    failed: (found, remedy) => ({ group, id, status: "failed", subject, found, remedy }),
    skipped: (why) => ({ group, id, status: "skipped", subject, found: why }),
  });
}
