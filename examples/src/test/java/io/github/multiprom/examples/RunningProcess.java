package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process that a test started, with what it printed. At the end it and its children are gone. */
final class RunningProcess implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 60;
  private static final long STOP_TIMEOUT_SECONDS = 15;

  private final Process process;
  private final List<String> lines = new ArrayList<>();

  /** Children that were seen alive: when the process has been killed, nobody else knows them. */
  private final List<ProcessHandle> seenChildren = new ArrayList<>();

  private boolean ended;

  private RunningProcess(Process process) {
    this.process = process;
    var reader = new Thread(this::readLines, "output of " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  static RunningProcess start(List<String> command) throws IOException {
    return new RunningProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** A JVM with the class path of this one. */
  static RunningProcess startJava(Class<?> main, String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-classpath", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return start(command);
  }

  /** Waits until the pattern is found in a printed line, and returns the first one. */
  synchronized Matcher awaitLine(String regex) throws InterruptedException {
    var pattern = Pattern.compile(regex);
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    for (int next = 0; ; next++) {
      while (next == lines.size()) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (ended || leftMs <= 0) {
          throw new AssertionError("no line with " + regex + " in\n" + output());
        }
        wait(leftMs);
      }
      Matcher matcher = pattern.matcher(lines.get(next));
      if (matcher.find()) {
        return matcher;
      }
    }
  }

  /** Waits for the end of the process and of its output, and returns the exit code. */
  int awaitExit() throws InterruptedException {
    return awaitExit(TIMEOUT_SECONDS);
  }

  /** The same of a process that may take longer. */
  int awaitExit(long timeoutSeconds) throws InterruptedException {
    if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
      throw new AssertionError("still running:\n" + output());
    }
    synchronized (this) {
      while (!ended) {
        wait();
      }
    }
    return process.exitValue();
  }

  /** What it has printed so far. */
  synchronized String output() {
    return String.join("\n", lines);
  }

  /** The processes that it has started and that run now. */
  synchronized List<ProcessHandle> children() {
    try (Stream<ProcessHandle> children = process.children()) {
      List<ProcessHandle> now = children.toList();
      seenChildren.addAll(now);
      return now;
    }
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Lets it end in order, and kills what is left of it and of its children. */
  @Override
  public void close() {
    children();
    terminate();
    process.onExit().completeOnTimeout(process, STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    kill();
    synchronized (this) {
      seenChildren.forEach(ProcessHandle::destroyForcibly);
    }
    process.onExit().join();
  }

  private void readLines() {
    try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (this) {
          lines.add(line);
          notifyAll();
        }
      }
    } catch (IOException e) {
      // The process is gone; what it had printed is here.
    }
    synchronized (this) {
      ended = true;
      notifyAll();
    }
  }
}
