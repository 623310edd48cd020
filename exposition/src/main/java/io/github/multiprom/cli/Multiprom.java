package io.github.multiprom.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code multiprom}. One thread. */
@Command(
    name = "multiprom",
    mixinStandardHelpOptions = true,
    description = "Serves and inspects the metrics of many JVMs.")
public final class Multiprom implements Runnable {
  @Spec private CommandSpec spec;

  private Multiprom() {}

  /**
   * Runs one command and ends the JVM with its exit code.
   *
   * @param args the words after the program's name
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Multiprom()).execute(args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
