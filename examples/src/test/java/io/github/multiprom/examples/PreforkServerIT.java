package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreforkServerIT {
  @Test
  void answersEveryScrapeWithTheTotalOfAllWorkers() throws Exception {
    try (var shop = RunningShop.start("--workers", "3")) {
      shop.request(60);

      for (int scrape = 0; scrape < 12; scrape++) {
        String text = shop.scrape();
        assertLine("http_requests_total{path=\"/basket\",code=\"200\",} 60.0", text);
        assertLine("http_in_flight 0.0", text);
        assertLine("http_request_duration_seconds_count{path=\"/basket\",} 60.0", text);
      }
    }
  }

  @Test
  void showsItsMetricsBeforeTheFirstRequest() throws Exception {
    try (var shop = RunningShop.start("--workers", "1")) {
      assertLine("http_requests_total{path=\"/\",code=\"200\",} 0.0", shop.scrape());
    }
  }

  @Test
  void replacesAKilledWorkerAndKeepsWhatItCounted(@TempDir Path dir) throws Exception {
    try (var shop = RunningShop.start("--workers", "2", "--dir", dir.toString())) {
      shop.request(20);

      shop.killOneWorker();
      shop.request(20);

      RunningShop.await("two workers", () -> shop.workers().size() == 2);
      assertLine("http_requests_total{path=\"/basket\",code=\"200\",} 40.0", shop.scrape());
    }
    assertTrue(Files.isDirectory(dir), "a directory that was given is kept");
  }

  @Test
  void servesTheMetricsOfAllAtOnePort() throws Exception {
    int metricsPort;
    try (var socket = new ServerSocket(0)) {
      metricsPort = socket.getLocalPort();
    }
    try (var shop =
        RunningShop.start("--workers", "2", "--metrics-port", Integer.toString(metricsPort))) {
      shop.request(20);
      awaitTotal(20, metricsPort);
      // One of the two serves.
      for (ProcessHandle worker : shop.workers()) {
        worker.destroyForcibly();
        shop.launcher.awaitLine("ended, pid " + worker.pid() + ", killed by signal 9$");
        awaitTotal(20, metricsPort);
      }
      // A successor serves the metrics before it takes requests.
      RunningShop.await("two workers", () -> shop.workers().size() == 2);
      for (ProcessHandle successor : shop.workers()) {
        shop.launcher.awaitLine("serves, pid " + successor.pid() + "$");
      }
      shop.request(20);
      awaitTotal(40, metricsPort);
    }
  }

  private static void awaitTotal(int total, int port) throws Exception {
    String line = "http_requests_total{path=\"/basket\",code=\"200\",} " + total;
    RunningShop.await(
        line + " at the port of all",
        () -> {
          try {
            return RunningShop.scrape(port).lines().anyMatch(line::equals);
          } catch (IOException e) {
            // Nobody serves, or who did was just killed.
            return false;
          }
        });
  }

  @Test
  void showsTheJvmOfEveryWorker() throws Exception {
    try (var shop = RunningShop.start("--workers", "3")) {
      RunningShop.await("three workers", () -> count(shop, "process_start_time_seconds{") == 3);
      RunningShop.await(
          "their heaps", () -> count(shop, "jvm_memory_bytes_used{area=\"heap\",") == 3);
      RunningShop.await("their versions", () -> count(shop, "jvm_info{") > 0);
      assertEquals(1, count(shop, "jvm_info{"));
      assertEquals(1, count(shop, "process_cpu_seconds_total "));

      shop.killOneWorker();
      RunningShop.await("another one", () -> count(shop, "process_start_time_seconds{") == 3);
    }
  }

  private static long count(RunningShop shop, String prefix) throws InterruptedException {
    try {
      return shop.scrape().lines().filter(line -> line.startsWith(prefix)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void stopsItsWorkersAtSigterm() throws Exception {
    try (var shop = RunningShop.start("--workers", "2")) {
      Path dir = Path.of(shop.launcher.awaitLine("metrics in (.+)$").group(1));
      assertTrue(Files.isDirectory(dir));
      List<ProcessHandle> workers = shop.workers();
      assertEquals(2, workers.size());

      shop.launcher.terminate();
      shop.launcher.awaitExit();

      workers.forEach(worker -> assertFalse(worker.isAlive(), worker + " is left"));
      assertFalse(Files.exists(dir), dir + " is left");
    }
  }

  @Test
  void takesItsWorkersWithItAtSigkill(@TempDir Path dir) throws Exception {
    try (var shop = RunningShop.start("--workers", "2", "--dir", dir.toString())) {
      List<ProcessHandle> workers = shop.workers();
      assertEquals(2, workers.size());

      shop.launcher.kill();

      for (ProcessHandle worker : workers) {
        RunningShop.await(worker + " is gone", () -> !worker.isAlive());
      }
    }
  }

  @Test
  void refusesBadArguments() throws Exception {
    try (var launcher = RunningProcess.startJava(PreforkServer.class, "--workers", "many")) {
      assertEquals(2, launcher.awaitExit());
      assertEquals(
          "--workers: not a number from 1 to 64: many\n" + PreforkOptions.USAGE, launcher.output());
    }
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(taken.getLocalPort());
    }
  }

  @Test
  void refusesThePortOfAnotherPreforkServer() throws Exception {
    try (var shop = RunningShop.start("--workers", "1")) {
      assertRefused(shop.port);
    }
  }

  private static void assertRefused(int port) throws Exception {
    try (var launcher =
        RunningProcess.startJava(PreforkServer.class, "--port", Integer.toString(port))) {
      assertEquals(1, launcher.awaitExit());
      assertEquals(
          "cannot use port " + port + " of 127.0.0.1: Address already in use", launcher.output());
    }
  }

  private static void assertLine(String line, String text) {
    assertTrue(text.lines().anyMatch(line::equals), () -> line + " is not in\n" + text);
  }
}
