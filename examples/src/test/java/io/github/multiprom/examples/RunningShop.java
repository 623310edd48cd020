package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The pre-fork server as its users start it: a process of its own. */
final class RunningShop implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofMinutes(1);

  private static final String HOST = "127.0.0.1";

  final RunningProcess launcher;
  final int port;

  private RunningShop(RunningProcess launcher, int port) {
    this.launcher = launcher;
    this.port = port;
  }

  static RunningShop start(String... args) throws IOException, InterruptedException {
    RunningProcess launcher = RunningProcess.startJava(PreforkServer.class, args);
    try {
      var listening = launcher.awaitLine("^listening on http://127\\.0\\.0\\.1:(\\d+)/");
      return new RunningShop(launcher, Integer.parseInt(listening.group(1)));
    } catch (AssertionError | InterruptedException e) {
      launcher.close();
      throw e;
    }
  }

  /** Sends requests, each on a connection of its own, and checks that all are answered. */
  void request(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      try (var connection = new HttpConnection(HOST, port)) {
        assertEquals(200, connection.get("/basket").status());
      }
    }
  }

  /** One scrape on a new connection. */
  String scrape() throws IOException, InterruptedException {
    return scrape(port);
  }

  /** One scrape of another port of this host. */
  static String scrape(int port) throws IOException, InterruptedException {
    var uri = URI.create("http://" + HOST + ":" + port + "/metrics");
    var request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  List<ProcessHandle> workers() {
    return launcher.children();
  }

  /** Sends SIGKILL to one worker and waits until the launcher knows that it is gone. */
  void killOneWorker() throws InterruptedException {
    ProcessHandle worker = workers().get(0);
    worker.destroyForcibly();
    launcher.awaitLine("ended, pid " + worker.pid() + ", killed by signal 9$");
  }

  /** Waits until a condition holds. */
  static void await(String what, Condition condition) throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadlineNanos) {
        fail("not within " + TIMEOUT + ": " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Something to wait for. */
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  @Override
  public void close() {
    launcher.close();
  }
}
