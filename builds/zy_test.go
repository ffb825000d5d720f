package builds
import ("testing";"os";"bytes";"fmt";"encoding/json";"strings")
func TestZY(t *testing.T){
 log,_:=os.ReadFile(os.Getenv("ITEMS")); seen:=map[string]bool{}
 for _,l:=range bytes.Split(log,[]byte("\n")){ var it struct{Truth,Text string}; if json.Unmarshal(l,&it)!=nil {continue}
  if !strings.Contains(it.Truth,os.Getenv("ONLY")) {continue}
  var lines []string
  for _,x:=range strings.Split(Plain(it.Text),"\n"){lines=append(lines,x)}
  s:=it.Truth+"\n"
  for _,k:=range keyLines(lines){ s+="   "+string(template(nil,[]byte(k)))+"\n" }
  if !seen[s]{ seen[s]=true; fmt.Print(s); if os.Getenv("FULL")!=""{fmt.Println(Plain(it.Text))} }
 }
}
