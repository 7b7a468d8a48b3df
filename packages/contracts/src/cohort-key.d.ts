/** The cohort key of a request; one file that Node and Nginx's njs both run. */
declare const cohortKey: {
  /**
   * What the request carries under a name, else the client's address; decoded and not verified.
   *
   * @param name of the claim, the header (in lower case) or the cookie
   * @param headers names and values in turn, as they came
   * @param address of the client
   */
  keyOf: (kind: 'claim' | 'header' | 'cookie', name: string, headers: readonly string[], address: string) => string;
};
export default cohortKey;
