// SPDX-License-Identifier: Apache-2.0

package e2e;

import com.google.gerrit.pgm.Daemon;
import com.google.gerrit.pgm.Init;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

    if (!Files.isDirectory(site.resolve("git"))) {
      int code =
          new Init()
              .main(
                  new String[] {
                    "-d", site.toString(), "--batch", "--no-auto-start", "--skip-plugins"
                  });
      if (code != 0) {
        System.exit(code);
      }
      // Init leaves log4j reset, which means DEBUG.
      String log4j = System.getProperty("log4j.configuration");
      if (log4j != null) {
        PropertyConfigurator.configure(URI.create(log4j).toURL());
      }
    }

    Daemon daemon =
        new Daemon(
            () -> {
              System.out.println("\nREADY " + ProcessHandle.current().pid());
              System.out.flush();
            },
            site);
    daemon.addAdditionalSysModuleForTesting(new Webhooks.Module());
    // The web UI lives in the war, which is not published.
    System.exit(daemon.main(new String[] {"-d", site.toString(), "--headless"}));
  }
}
