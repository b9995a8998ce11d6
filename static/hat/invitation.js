// The token of an invitation stands behind the # of its link, which no browser sends: it is written into the form
// here, taken out of the address bar, and posted.

function sendCode() {
  const form = document.getElementById("invitation-code");
  const code = window.location.hash.slice(1);
  if (!form || !code || code === "main") return;
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.namedItem("code").value = code;
  form.requestSubmit();
}

window.addEventListener("hashchange", sendCode);
sendCode();
