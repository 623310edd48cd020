package io.github.multiprom.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The demo that {@code mvn -Pdemo} runs: requests to a pre-fork server, one worker killed on the
 * way, and at the end the number of answers that the clients have seen beside the number that the
 * workers have counted.
 */
public final class Demo {
  private static final PreforkOptions OPTIONS = PreforkOptions.defaults();
  private static final int CLIENTS = 8;
  private static final int SECONDS_BEFORE_KILL = 5;
  private static final int SECONDS_AFTER_KILL = 8;

  /** New connections until all workers have been met: the kernel chooses who answers. */
  private static final int MOST_CONNECTIONS = 500;

  private static final long KILL_TIMEOUT_SECONDS = 10;
  private static final String GONE = "gone (SIGKILL)";

  private final PreforkServer server;

  /** Null if none watches. */
  private final DemoPrometheus prometheus;

  private int second;

  private Demo(PreforkServer server, DemoPrometheus prometheus) {
    this.server = server;
    this.prometheus = prometheus;
  }

  /**
   * Runs the demo; with {@code -Ddemo.stay} it stays up until it is interrupted, with {@code
   * -Ddemo.prometheus} a Prometheus watches it. Exit code 0 only if the merged counter equals the
   * number of answers, there too.
   *
   * @throws Exception if the demo cannot run
   */
  public static void main(String[] args) throws Exception {
    PreforkServer server = null;
    try {
      server = PreforkServer.start(OPTIONS, System.out::println);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
    PreforkServer.closeAtExit(server);
    DemoPrometheus prometheus = null;
    if (Boolean.getBoolean("demo.prometheus")) {
      prometheus = startPrometheus(server.port());
    }
    boolean exact = new Demo(server, prometheus).run();
    if (Boolean.getBoolean("demo.stay")) {
      say("\nStill serving on %smetrics (Ctrl-C ends it)", server.url());
      if (prometheus != null) {
        say("Prometheus: %s", prometheus.url());
      }
      Thread.currentThread().join();
    }
    System.exit(exact ? 0 : 1);
  }

  /** The demo runs all the same where there is none. */
  private static DemoPrometheus startPrometheus(int port) {
    try {
      var kit = Path.of(System.getProperty("demo.monitoring", "examples/monitoring"));
      var prometheus = DemoPrometheus.start(kit, port);
      Runtime.getRuntime().addShutdownHook(new Thread(prometheus::close, "stop Prometheus"));
      say("Prometheus on %s scrapes every second", prometheus.url());
      return prometheus;
    } catch (IOException e) {
      say("No Prometheus here, so the demo runs without: %s", e.getMessage());
      say("To install it: apt-get install prometheus");
      return null;
    }
  }

  private boolean run() throws Exception {
    if (!server.awaitReady(PreforkServer.START_TIMEOUT_MS)) {
      say("the workers do not start");
      return false;
    }
    say("\n%d clients send requests to %s", CLIENTS, server.url());
    Load load = Load.start(OPTIONS.host(), server.port(), CLIENTS);
    showProgress(load, SECONDS_BEFORE_KILL);
    long killed = kill(load);
    showProgress(load, SECONDS_AFTER_KILL);
    load.stop();
    boolean exact = compare(load, killed);
    if (prometheus == null) {
      return exact;
    }
    say("\nWhat %s says:", prometheus.url());
    return prometheus.compare(load.answered(), OPTIONS.workers()) && exact;
  }

  private void showProgress(Load load, int seconds) {
    for (int i = 0; i < seconds; i++) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      second++;
      long up = server.pids().count();
      say("%3d s  %,9d requests answered, %d workers up", second, load.answered(), up);
    }
  }

  /**
   * Kills one worker while the others are under load. Its own clients read their last answer first:
   * a server that is killed while it answers may have counted a request or not, and no client could
   * tell.
   */
  private long kill(Load load) throws Exception {
    long victim = server.pids().findFirst().orElseThrow();
    say("\nSIGKILL for pid %d, once it owes nobody an answer; the others go on", victim);
    load.leave(victim);
    ProcessHandle process = ProcessHandle.of(victim).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(KILL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    load.connectAgain();
    return victim;
  }

  private boolean compare(Load load, long killed) throws IOException, InterruptedException {
    SortedMap<Long, Long> own = ownCounts();
    say("\n%10s   %24s   %15s", "worker", "answers its clients read", "its own counter");
    load.answeredByWorker()
        .forEach(
            (pid, count) ->
                say(
                    "%10d   %,24d   %15s",
                    pid, count, pid == killed ? GONE : number(own.get(pid))));

    long answered = load.answered();
    String scrape = scrape();
    long merged = mergedCount(scrape);
    long one = own.firstKey();
    say("\n%,12d   requests answered", answered);
    say("%,12d   http_requests_total at %smetrics, merged", merged, server.url());
    say("%,12d   what worker %d alone would have said", own.get(one), one);
    if (load.unanswered() > 0) {
      say("%,12d   requests without an answer", load.unanswered());
    }
    long jvms = jvmCount(scrape);
    say("%,12d   workers with jvm_* and process_* there", jvms);
    boolean exact = merged == answered && load.unanswered() == 0 && jvms == OPTIONS.workers();
    say(exact ? "\nEqual: nothing lost, nothing counted twice." : "\nNOT EQUAL");
    return exact;
  }

  /** The own counter of each live worker. */
  private SortedMap<Long, Long> ownCounts() throws IOException {
    var counts = new TreeMap<Long, Long>();
    for (int i = 0; i < MOST_CONNECTIONS && counts.size() < OPTIONS.workers(); i++) {
      try (var connection = new HttpConnection(OPTIONS.host(), server.port())) {
        var answer = connection.get("/own");
        counts.put(answer.worker(), Long.valueOf(answer.body().strip()));
      }
    }
    return counts;
  }

  /** The total over all paths and codes, as whichever worker answers the scrape says it. */
  private static long mergedCount(String scrape) {
    return scrape
        .lines()
        .filter(line -> line.startsWith("http_requests_total{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** For how many workers a scrape shows the JVM. */
  private static long jvmCount(String scrape) {
    return scrape.lines().filter(line -> line.startsWith("process_start_time_seconds{")).count();
  }

  private String scrape() throws IOException, InterruptedException {
    var uri = URI.create(server.url() + "metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }

  private static String number(Long number) {
    return number == null ? "not met" : String.format(Locale.ROOT, "%,d", number);
  }

  private static void say(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args));
  }
}
