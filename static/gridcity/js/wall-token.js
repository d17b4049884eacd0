// The address that an administrator gives carries the token after #, which no server sees: hand it
// over once, and let it out of the address.

const form = document.querySelector("[data-gc-wall-token]");
const token = decodeURIComponent(location.hash.slice(1));
if (token) {
  history.replaceState(null, "", location.pathname);
  // After a refusal the page comes back without #: it does not try again by itself.
  form.elements.token.value = token;
  form.submit();
}
