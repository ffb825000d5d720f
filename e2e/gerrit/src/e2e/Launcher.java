// SPDX-License-Identifier: Apache-2.0

package e2e;

import com.google.gerrit.pgm.Daemon;
import com.google.gerrit.pgm.Init;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.log4j.PropertyConfigurator;

/**
 * Runs a Gerrit on the site named by its only argument, whose etc/gerrit.config the caller has
 * written, and prints "READY pid" once it serves. A site without repositories is initialized first:
 * that creates the administrator "admin" with the password "secret".
 */
public final class Launcher {
  public static void main(String[] args) throws Exception {
    if (args.length != 1) {
      System.err.println("usage: Launcher SITE");
      System.exit(2);
    }
    Path site = Path.of(args[0]);
    java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.SEVERE);

    List<String> options = List.of("-d", site.toString());
    if (!Files.isDirectory(site.resolve("git"))) {
      List<String> first = new ArrayList<>(options);
      first.addAll(List.of("--batch", "--no-auto-start", "--skip-plugins"));
      int code = init(first);
      if (code != 0) {
        System.exit(code);
      }
    }
    System.exit(daemon(site, options));
  }

  /** Initializes a site. */
  static int init(List<String> options) throws Exception {
    int code = new Init().main(options.toArray(String[]::new));
    // Init leaves log4j reset, which means DEBUG.
    String log4j = System.getProperty("log4j.configuration");
    if (log4j != null) {
      PropertyConfigurator.configure(URI.create(log4j).toURL());
    }
    return code;
  }

  /** Serves a site until somebody ends it. */
  static int daemon(Path site, List<String> options) throws Exception {
    Daemon daemon =
        new Daemon(
            () -> {
              System.out.println("\nREADY " + ProcessHandle.current().pid());
              System.out.flush();
            },
            site);
    daemon.addAdditionalSysModuleForTesting(new Webhooks.Module());
    List<String> all = new ArrayList<>(options);
    // The web UI lives in the war, which is not published.
    all.add("--headless");
    return daemon.main(all.toArray(String[]::new));
  }
}
