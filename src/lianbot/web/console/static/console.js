// The console's own few lines: the CSRF header for htmx, questions before a change, the trend chart.
(function () {
  "use strict";
  const token = document.querySelector('meta[name="csrf"]');

  // htmx 4: the request lies in detail.ctx; nothing is inherited, so the header is set here for all
  document.addEventListener("htmx:config:request", function (event) {
    const ctx = event.detail && event.detail.ctx;
    if (token && ctx && ctx.request) {
      ctx.request.headers["X-CSRF-Token"] = token.content;
    }
  });

  document.addEventListener("submit", function (event) {
    const form = event.target;
    const question = form.getAttribute("data-ask");
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    // a second tap of tired hands must not send the form twice
    if (form.method === "post" && !form.hasAttribute("data-again")) {
      window.setTimeout(function () {
        form.querySelectorAll("button").forEach(function (button) { button.disabled = true; });
      }, 0);
    }
  });

  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      document.querySelectorAll("button:disabled").forEach(function (button) { button.disabled = false; });
    }
  });

  document.querySelectorAll("[data-back]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (window.history.length > 1) {
        event.preventDefault();
        window.history.back();
      }
    });
  });

  const current = document.querySelector('.menu [aria-current="page"]');
  if (current) {
    current.parentElement.scrollLeft = current.offsetLeft - 24;
  }

  document.querySelectorAll("select[data-go]").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });

  const holder = document.getElementById("trend");
  const data = document.getElementById("trend-data");
  if (holder && data && window.echarts) {
    const points = JSON.parse(data.textContent);
    const style = getComputedStyle(document.documentElement);
    const colour = function (name) { return style.getPropertyValue(name).trim(); };
    const font = getComputedStyle(document.body).fontFamily;
    const chart = window.echarts.init(holder, null, { renderer: "canvas" });
    // two points make no line worth reading
    const kind = points.length < 3 ? "bar" : "line";
    const line = function (name, key, tone) {
      return {
        name: name, type: kind, barMaxWidth: 46, symbolSize: 7, lineStyle: { width: 3 },
        itemStyle: { color: colour(tone) }, data: points.map(function (one) { return one[key]; }),
      };
    };
    chart.setOption({
      textStyle: { fontFamily: font, fontSize: 14 },
      aria: { enabled: true },
      animation: false,
      grid: { left: 44, right: 16, top: 44, bottom: 32 },
      legend: { top: 4, left: 0, itemWidth: 18, textStyle: { fontSize: 14 } },
      // drawn on the canvas: the policy allows no inline style, which the html tooltip would need
      tooltip: { trigger: "axis", renderMode: "richText", confine: true },
      xAxis: { type: "category", data: points.map(function (one) { return one.day; }), axisTick: { show: false } },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("--line") } } },
      series: [
        line("计划", "planned", "--tone-planned"),
        line("平台已接受", "accepted", "--tone-accepted"),
        line("已回应", "answered", "--accent"),
        line("不明", "unknown", "--tone-unknown"),
      ],
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }
})();
