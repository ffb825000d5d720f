package builds
import ("testing";"os";"bytes";"time";"fmt";"sort")
func TestZZ(t *testing.T){
 log,_:=os.ReadFile("/tmp/x-extract/b30.log"); log=log[:11000000]
 b:=book(); var c cleaner
 type st struct{id string; tries,hits int; d time.Duration; ex string}
 sts:=make([]st,len(b.rules)+len(b.steps))
 n,h:=0,0
 for _,l:=range bytes.Split(log,[]byte("\n")){ n++
  x,_:=c.clean(clipLine(visiblePart(l))); if trace(x){continue}
  set,any:=b.words.in(x); if !any {continue}; h++
  s:=unlabel(head(x)); done:=false
  for i:=range sts{ if set[i/64]&(1<<(i%64))==0{continue}
   re:=(*compiledRule)(nil); if i<len(b.rules){ if done{continue}; re=&b.rules[i]; sts[i].id=re.id}
   t0:=time.Now(); var ok bool
   if re!=nil{ok=re.re==nil||re.re.MatchString(s)}else{ sts[i].id="STEP "+b.steps[i-len(b.rules)].id; ok=b.steps[i-len(b.rules)].re.MatchString(s)}
   sts[i].d+=time.Since(t0); sts[i].tries++; if ok{sts[i].hits++; if re!=nil{done=true}}
   if !ok && sts[i].tries%97==1 {sts[i].ex=s}
  }}
 sort.Slice(sts,func(a,b int)bool{return sts[a].d>sts[b].d})
 fmt.Println(n,h)
 for _,s:=range sts[:45]{ if len(s.ex)>90{s.ex=s.ex[:90]}; fmt.Printf("%-20s tries %6d hits %6d %v %q\n",s.id,s.tries,s.hits,s.d,s.ex)}
}
