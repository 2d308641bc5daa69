// Records on the page where the browser offers it; elsewhere the file field below stays as it is.
// What was recorded is kept in this page's memory alone, until it is handed in or the page is left.
(function () {
  var MOST = 59500; // the coders add a frame, and the server takes 60 seconds and not 60.1
  var LEAST = 1000;
  var PATIENCE = 12000; // some browsers answer the question for the microphone neither way
  var FAINT = 0.01;
  var KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  var Sound = window.AudioContext || window.webkitAudioContext;

  function offered() {
    var devices = navigator.mediaDevices;
    return !!(window.isSecureContext && devices && devices.getUserMedia && window.MediaRecorder && Sound && window.fetch);
  }

  function kind() {
    if (!MediaRecorder.isTypeSupported) return "";
    return KINDS.filter(function (one) { return MediaRecorder.isTypeSupported(one); })[0] || "";
  }

  function start(form) {
    var words = form.querySelector("#words").dataset;
    var trouble = form.querySelector("#trouble");
    var listen = form.querySelector("#listen");
    var listenWord = listen.textContent;
    var own = form.querySelector("#own");
    var recorder = null, stream = null, voice = null, heard = null, player = null;
    var began = 0, ticking = 0;

    function show(state) {
      form.querySelectorAll("[data-in]").forEach(function (one) {
        one.hidden = one.dataset.in.split(" ").indexOf(state) < 0;
      });
      if (!heard) listen.hidden = true;
      form.querySelector("#doing").textContent = words[state] || "";
    }

    function say(word) {
      trouble.textContent = word || "";
      trouble.hidden = !word;
    }

    function clock(milliseconds) {
      var seconds = milliseconds >= MOST ? 60 : Math.floor(milliseconds / 1000);
      var face = (seconds < 60 ? "0:" : "1:") + String(100 + (seconds % 60)).slice(1);
      form.querySelector("#clock").textContent = face + " / 1:00";
    }

    function letGo() {
      clearInterval(ticking);
      if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
      stream = null;
    }

    function refused() {
      letGo();
      show("idle");
      say(words.refused);
      own.open = true;
    }

    function record() {
      var late = false;
      hush();
      voice = heard = null;
      say("");
      clock(0);
      show("asking");
      var waiting = setTimeout(function () { late = true; refused(); }, PATIENCE);
      navigator.mediaDevices.getUserMedia({ audio: true }).then(function (given) {
        clearTimeout(waiting);
        stream = given;
        if (late) letGo();
        else run();
      }).catch(function () {
        clearTimeout(waiting);
        if (!late) refused();
      });
    }

    function run() {
      var parts = [], chosen = kind();
      try {
        recorder = new MediaRecorder(stream, chosen ? { mimeType: chosen, audioBitsPerSecond: 48000 } : {});
      } catch (error) {
        return refused();
      }
      recorder.ondataavailable = function (found) { if (found.data.size) parts.push(found.data); };
      recorder.onerror = refused;
      recorder.onstop = function () {
        var length = Date.now() - began;
        letGo();
        recorded(new Blob(parts, { type: recorder.mimeType || chosen }), length);
      };
      recorder.start(1000);
      began = Date.now();
      show("recording");
      ticking = setInterval(function () {
        clock(Date.now() - began);
        if (Date.now() - began >= MOST) stop();
      }, 100);
    }

    function stop() {
      clearInterval(ticking);
      if (recorder && recorder.state !== "inactive") recorder.stop();
    }

    function recorded(data, length) {
      clock(length);
      if (length < LEAST || !data.size) {
        show("idle");
        return say(words.short);
      }
      voice = data;
      show("recorded");
      var sound = new Sound();
      data.arrayBuffer().then(function (bytes) { return sound.decodeAudioData(bytes); }).then(function (found) {
        if (voice !== data) return;
        heard = found;
        listen.hidden = false;
        if (loudest(found) < FAINT) say(words.silent);
      }).catch(function () {}).then(function () { sound.close(); });
    }

    function loudest(sound) {
      var most = 0, samples = sound.getChannelData(0);
      for (var at = 0; at < samples.length; at += 7) most = Math.max(most, Math.abs(samples[at]));
      return most;
    }

    function hush() {
      if (player) player.close();
      player = null;
      listen.textContent = listenWord;
    }

    function play() {
      if (player) return hush();
      player = new Sound();
      var source = player.createBufferSource();
      source.buffer = heard;
      source.connect(player.destination);
      source.onended = hush;
      source.start();
      listen.textContent = listen.dataset.quiet;
    }

    function send() {
      var fields = new FormData(form);
      fields.delete("voice"); // the file goes last: the server reads the token before any megabyte
      fields.append("voice", voice, "voice");
      hush();
      say("");
      show("sending");
      fetch(form.action, { method: "POST", credentials: "omit", referrerPolicy: "no-referrer", body: fields })
        .then(function (answer) {
          return answer.text().then(function (text) { arrived(answer, text); });
        })
        .catch(function () {
          show("recorded");
          say(words.notSent);
        });
    }

    function arrived(answer, text) {
      var page = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      if (!page) {
        show("recorded");
        return say(text.slice(0, 200));
      }
      document.querySelector("main").replaceWith(page);
      window.scrollTo(0, 0);
      open();
    }

    form.querySelector("#record").onclick = form.querySelector("#again").onclick = record;
    form.querySelector("#stop").onclick = stop;
    listen.onclick = play;
    form.querySelector("#send").onclick = send;
    document.addEventListener("visibilitychange", function () { if (document.hidden) stop(); });
    window.addEventListener("pagehide", function () { stop(); letGo(); hush(); });
    form.querySelector("#recorder").hidden = false;
    own.open = false;
    show("idle");
  }

  function open() {
    var form = document.getElementById("voice");
    if (form && offered()) start(form);
  }

  open();
})();
