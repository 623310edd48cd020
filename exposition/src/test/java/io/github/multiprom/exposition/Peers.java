package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Programs of others that tests compare with. */
public final class Peers {
  /** That of the distribution, which has its packages. */
  public static final String PYTHON = "/usr/bin/python3";

  public record Result(int exitCode, String output) {}

  private Peers() {}

  /** Runs a command to its end. */
  public static Result run(byte[] input, String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      // At the same time: a program may write before it has read all.
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(() -> readAll(process), task -> new Thread(task).start());
      try {
        process.getOutputStream().write(input);
        process.getOutputStream().close();
      } catch (IOException e) {
        // It ended early; its output says why.
      }
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      return new Result(process.exitValue(), output.get(60, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String readAll(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "unreadable: " + e;
    }
  }

  public static void requireClientPython() throws Exception {
    require("apt-get install python3-prometheus-client", PYTHON, "-c", "import prometheus_client");
  }

  public static void requirePromtool() throws Exception {
    require("apt-get install prometheus", "promtool", "--version");
  }

  static void requirePrometheus() throws Exception {
    require("apt-get install prometheus", "prometheus", "--version");
  }

  static void requireChromium() throws Exception {
    String install = "apt-get install chromium chromium-driver";
    require(install, "/usr/bin/chromium", "--version");
    require(install, "/usr/bin/chromedriver", "--version");
  }

  /** Skips a test if a command does not work here, or fails it if peers are required. */
  private static void require(String install, String... command) throws Exception {
    boolean there;
    try {
      there = run(new byte[0], command).exitCode == 0;
    } catch (IOException e) {
      there = false;
    }
    String missing = List.of(command) + " does not work: " + install;
    if (Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS"))) {
      assertTrue(there, missing);
    }
    assumeTrue(there, missing);
  }
}
