// The pin of the map and the two numbers of the form are one.

const form = document.querySelector("[data-gc-then]");

document.addEventListener("gc:pin", (event) => {
  const { lon, lat } = event.detail;
  form.elements.lon.value = lon.toFixed(7);
  form.elements.lat.value = lat.toFixed(7);
});
