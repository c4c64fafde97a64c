/**
 * The files of `plugin/` in which a kubelet runs the executable, for another runtime or processor than the usual one. The others
 * compare the kubelet's code with ours, which is the same code there.
 */
export const pluginTests = ["answers", "caching", "failure", "herd", "registration", "serviceAccounts"].map(
  (name) => `./test/kubelet/plugin/${name}.test.ts`,
);
