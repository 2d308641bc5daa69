// The page says that it was displayed (a GET never counts as opened), and takes the sign-in code out of the address.
(function () {
  if (location.search) history.replaceState(null, "", location.pathname);
  var form = document.getElementById("shown");
  if (!form) return;
  fetch(form.action, {
    method: "POST",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    body: new URLSearchParams(new FormData(form)),
  }).catch(function () {});
})();
