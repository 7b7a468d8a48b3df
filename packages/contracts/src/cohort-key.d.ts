/** The cohort key of a request; one file that Node and Nginx's njs both run. */
declare const cohortKey: {
  /**
   * A string claim of the request's one bearer token, decoded and not verified.
   *
   * @param authorization every `Authorization` header of the request, in order
   * @returns `''` if there is no such claim
   */
  claimOf: (authorization: readonly string[], claim: string) => string;
};
export default cohortKey;
