package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.MetricsDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Mends damaged retained totals. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    description =
        "Mends damaged retained totals with what can be read of them, and keeps the damaged file"
            + " under another name. Totals that are whole stay as they are.")
final class RepairCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (String line : new MetricsDirectory(directory.existing()).repair()) {
      out.println(Words.plain(line));
    }
    out.flush();
    return 0;
  }
}
