package io.github.multiprom.internal.worker;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Starts JVMs for tests and ends all of them on close. One thread. */
public final class Children implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 120;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final List<Process> started = new ArrayList<>();

  /** Starts a main class of the tests; its standard output and input are pipes. */
  public Process start(Class<?> main, String... arguments) throws IOException {
    return start(List.of(), main, arguments);
  }

  /** Starts a main class by a command that takes a command as its arguments. */
  public Process start(List<String> by, Class<?> main, String... arguments) throws IOException {
    return start(by, List.of(), main, arguments);
  }

  /** Starts a main class with options of the JVM, which may be another class path. */
  public Process start(List<String> by, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(by);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx64m"));
    // JVMs of one pid in two namespaces would print that they share a file for it.
    command.add("-XX:-UsePerfData");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(StoreUnderTest.childOptions());
    command.addAll(options);
    command.add(main.getName());
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    started.add(process);
    return process;
  }

  /** Sends a signal to a process. */
  public static void signal(Process process, String name) throws IOException, InterruptedException {
    signal(process.toHandle(), name);
  }

  /** Sends a signal to a process. */
  public static void signal(ProcessHandle process, String name)
      throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill failed");
    }
  }

  /** Waits for the end of a process and returns its exit value. */
  public static int await(Process process) throws InterruptedException, TimeoutException {
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("process still runs: " + process.info());
    }
    return process.exitValue();
  }

  /** Waits for the end of a process and lets go of its pipes. */
  public void forget(Process process) throws IOException, InterruptedException, TimeoutException {
    await(process);
    process.getInputStream().close();
    started.remove(process);
  }

  /** Waits until a condition holds. */
  public static void await(BooleanSupplier condition, String what) throws TimeoutException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException(what);
      }
      // The process that is awaited may need this processor.
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  @Override
  public void close() {
    for (Process process : started) {
      process.destroyForcibly();
    }
    for (Process process : started) {
      process.onExit().join();
    }
  }
}
