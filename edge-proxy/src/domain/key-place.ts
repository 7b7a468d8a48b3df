/** Where the value that decides a request's side is; a header's name is in lower case. Without it, the client's address. */
export type KeyPlace = { readonly from: 'claim' | 'header' | 'cookie'; readonly name: string };
