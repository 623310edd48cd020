package io.github.multiprom.cli;

import io.github.multiprom.store.MetricsDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Wipes a directory. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description = "Deletes all metrics in the directory; refuses while a worker is live.")
final class CleanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  @Option(
      names = "--force",
      description = "Also the files of live workers, which go on with their counts in new files.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    Path path = directory.existing();
    int deleted = new MetricsDirectory(path).clean(force);
    if (deleted < 0) {
      throw new CommandFailure(
          force
              ? "somebody is retiring workers in " + path + "; try again"
              : "workers are live in " + path + ", or being retired; stop them, or use --force");
    }
    spec.commandLine().getOut().println("deleted " + deleted + " files");
    spec.commandLine().getOut().flush();
    return 0;
  }
}
