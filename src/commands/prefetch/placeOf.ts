/** Where a token belongs, for people: `instance cri-… in cn-hangzhou`. An instance ID of "" is the Personal Edition. */
export function placeOf({
  instanceId,
  regionId,
}: {
  readonly instanceId?: string;
  readonly regionId?: string;
}): string {
  const where = instanceId === "" ? "Personal Edition" : `instance ${instanceId}`;
  return `${where} in ${regionId || "no known region"}`;
}
