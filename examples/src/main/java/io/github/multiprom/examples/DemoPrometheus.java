package io.github.multiprom.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A real Prometheus that watches the demo: what it stored must be what the clients have seen, also
 * over the kill. One thread.
 */
final class DemoPrometheus implements AutoCloseable {
  /** A query, and what it must answer. */
  private record Check(String query, long expected) {}

  private final PrometheusServer server;
  private final Path dir;

  private DemoPrometheus(PrometheusServer server, Path dir) {
    this.server = server;
    this.dir = dir;
  }

  /**
   * Starts one.
   *
   * @param kit the folder of the monitoring kit
   * @throws IOException if there is no Prometheus here
   */
  static DemoPrometheus start(Path kit, int targetPort) throws IOException {
    Path dir = PreforkServer.freshDirectory();
    try {
      return new DemoPrometheus(PrometheusServer.start(kit, dir, targetPort), dir);
    } catch (IOException e) {
      PreforkServer.delete(dir);
      throw e;
    }
  }

  String url() {
    return server.url();
  }

  /**
   * Prints what it stored beside what happened, after a scrape that begins now.
   *
   * @param answered requests that clients have seen answered
   * @return whether all is equal
   */
  boolean compare(long answered, int workers) throws IOException, InterruptedException {
    server.awaitStoredScrape();
    boolean equal = true;
    for (var check :
        List.of(
            new Check("sum(http_requests_total)", answered),
            new Check("sum(http_request_duration_seconds_count)", answered),
            new Check("sum(resets(http_requests_total[5m]))", 0),
            new Check("sum(http_in_flight)", 0),
            new Check("sum(multiprom_workers{state=\"live\"})", workers),
            new Check("sum(multiprom_retired_workers_total)", 1))) {
      String found = server.ask(check.query);
      String line = String.format(Locale.ROOT, "%12s   %s", found, check.query);
      boolean same = found.equals(Long.toString(check.expected));
      System.out.println(same ? line : line + ", but it is " + check.expected);
      equal &= same;
    }
    System.out.println(
        equal ? "\nEqual: Prometheus has what the clients have seen." : "\nNOT EQUAL");
    return equal;
  }

  @Override
  public void close() {
    server.close();
    try {
      PreforkServer.delete(dir);
    } catch (IOException e) {
      System.err.println(dir + " was not deleted: " + e.getMessage());
    }
  }
}
