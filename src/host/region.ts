/**
 * The form of a region ID such as `cn-hangzhou` or `cn-beijing-finance-1`, without anchors. Regions are known by their
 * form only, because new ones come without a release of this program. The form is strict, because a region becomes a
 * part of the hosts that credentials are sent to: `oss-cn-hangzhou`, below which anyone may own a name, is not one, nor
 * are the hosts of other products such as `dh-cn-hangzhou`.
 * The config's schema has the same pattern.
 */
export const REGION_FORM = "[a-z]{2}-[a-z]{4,20}(?:-[a-z0-9]{1,20}){0,3}";

const region = new RegExp(`^${REGION_FORM}$`);

/** Whether a value has the form of a region ID. */
export function isRegion(value: unknown): value is string {
  return typeof value === "string" && region.test(value);
}
