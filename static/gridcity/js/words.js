// The translated sentences of the page (json_script "gc-strings"), and quantities in words.

let words = null;

export function t(key, values = {}) {
  if (!words) words = JSON.parse(document.getElementById("gc-strings")?.textContent || "{}");
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A length in milliseconds as its two largest parts, as `duration` of gridcity_ui does. */
export function duration(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (d) return t(h ? "d_h" : "d", { d, h });
  if (h) return t(m ? "h_m" : "h", { h, m });
  return m ? t("m", { m }) : t("under_m");
}

export function metres(distance) {
  if (distance < 1000) return t("metres", { n: Math.round(distance) });
  return t("kilometres", { n: (distance / 1000).toFixed(1) });
}

export function clock(instant) {
  const two = (number) => String(number).padStart(2, "0");
  const at = new Date(instant);
  const hour = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === new Date().toDateString()) return hour;
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${hour}`;
}
