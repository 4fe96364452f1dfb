"""Common words of languages in the Latin alphabet: function words, and those that reasoning is made of.

A word stands in the list of every language in which it is common, so that one shared by two languages votes for
neither. The lists are the project's own; what they miss, the word's letters decide (see ``detector``).
"""

from __future__ import annotations

from collections.abc import Mapping

LATIN: Mapping[str, str] = {
    "en": """the i a of and to in is that it for was on are as with be by at this from or have an but not they
        his her she he you we were been their has had which one all there when who will would what so if more
        no out up can about into than them then its only some could time these two may do any my your our me
        him us did does how where why because while also just like over such most other between each both few
        many much very too own same under again once here since until though although however therefore thus
        hence now let's lets let need know think want get got make makes made take takes give gives find found
        means mean should must might shall cannot can't don't doesn't isn't it's i'm that's we'll we've you're
        there's answer question problem number numbers add adds added subtract multiply multiplied divide
        divided equal equals calculate compute check first second third next last step half twice per total
        left remaining every another something nothing different wait okay yes right wrong correct true false
        actually maybe perhaps probably using use used given gave say says said ask asks wants value values
        result solution solve write word words before after during without within against through down off day
        days hour hours week weeks month year years people less fewer money cost costs price buys bought sold
        sell sells spend spends spent gets still already even ever never always often together apart exactly
        simply see look looking start end keep turn put call try work works show follows follow way thing
        things point points good great new old big small large long short high low car hat men die son ten care
        case fine main comment sin pour come sale pod war bin sum loop array mit sur era dies fast gift art am
        hand man part side line area angle height width length square circle triangle bat chose double fire ham
        logo met moment opt pet post premier pro sept sex tall till wake yet sub solo computes evaluate
        simplify convert determine express expand factor factors simplified alright hmm double-check recall
        notice note suppose assume consider remember matches sense done finally plus minus whole whether rather
        enough least around anything everything someone he's she's what's here's didn't won't i'll i've you'll
        they're aren't wasn't pair pairs triple exact pose vent radio super satisfies satisfy pole""",
    "de": """der die das und ist in zu den von mit sich des auf für nicht ein eine einen einem einer eines dem
        er sie es ich wir ihr als auch an nach wie bei aus um am im zum zur vom hat haben habe hatte hatten
        sind war waren wird werden wurde wurden kann können könnte muss müssen soll sollen sollte will wollen
        so wenn dann also aber oder denn weil dass daß ob da nur noch schon mehr sehr man was wer wo wann warum
        wieso welche welcher welches diese dieser dieses diesem diesen jede jeder jedes jeden alle alles kein
        keine keinen mein meine sein seine seinen ihre ihren ihrem uns unser unsere mir mich dir dich ihm ihn
        ihnen über unter vor hinter zwischen durch gegen ohne bis seit während jetzt nun hier dort zuerst
        zunächst danach daher deshalb somit folglich damit dadurch außerdem jedoch trotzdem insgesamt zusammen
        bereits wieder immer nie gibt geben gilt ergibt erhalten bekommt bekommen macht machen geht gehen denke
        denken weiß wissen brauche brauchen rechnen rechne berechnen berechne addieren subtrahieren
        multiplizieren multipliziere dividieren teilen antwort frage aufgabe zahl zahlen anzahl summe ergebnis
        lösung lösen gleich beträgt hälfte doppelt mal pro viele viel wenig weniger erste ersten zweite zweiten
        dritte letzte beide zwei drei vier fünf sechs sieben acht neun zehn bleiben bleibt übrig kostet kosten
        verkauft kauft stunden tage woche jahre überprüfen prüfen richtig falsch stimmt lass lasst ja nein
        warte moment heißt bedeutet folgt setzen kommt kommen steht finden sagt muß etwas nichts ganz bin bist
        seid dazu davon dabei dafür darauf daraus wobei sowie sowohl entweder weder eigentlich vielleicht
        natürlich ans art bat dies andere anderen end egal fast gift hand hans her logo mai main oft per pet
        post problem rat see sex show start tot total worden damals fertig los geht's passt okay genau gut
        super klar deswegen demnach schließlich letztlich nochmal einmal mach mache machst rechnet rechnest
        teile teilt teilst dividiere addiere addiert subtrahiere ziehe zieht zähle zählt nehme nimmt setze
        setzt löse löst suche sucht gesucht gegeben bestimme prüfe prüft überlege überlegen schauen schaue sehe
        sehen sieht erst zuletzt fläche seite länge breite höhe winkel formel gleichung größer kleiner gerade
        ungerade jeweils ebenfalls je stück preis bekomme hätte wäre ergeben bleibe stimmen stimmt's hab gibt's
        gäbe ihrer ihres eins soviel wieviel jemand niemand allerdings ansonsten sonst umgekehrt nämlich
        schreibe schreiben weiter zurück anders minus plus radio""",
    "fr": """le la les de des du et en un une est que qui dans pour pas sur par plus au aux avec il elle ils
        elles on nous vous je tu ce cette ces cet son sa ses leur leurs mon ma mes ton notre nos votre vos se
        ne mais ou où donc or car ni si comme être sont était étaient sera serait suis es êtes sommes avoir ai
        as a avons avez ont avait avaient aura fait faire font peut peuvent pouvons peux doit doivent devons
        faut tout tous toute toutes même aussi très bien encore déjà toujours jamais rien quand comment
        pourquoi combien quel quelle quels quelles lorsque parce puisque ainsi alors ensuite puis enfin d'abord
        après avant entre sans sous vers chez depuis pendant jusqu'à contre c'est qu'il qu'elle qu'on n'est
        s'il l'on d'un d'une j'ai c'était il-y y dont lui eux moi toi ceci cela ça chaque plusieurs autre
        autres deux trois quatre cinq sept huit neuf dix premier première deuxième dernier reste moitié double
        fois somme nombre nombres réponse question problème calculer calculons calcule ajouter ajoute ajoutons
        soustraire multiplier multiplions diviser divisons égal égale obtient obtenons trouve trouver trouvons
        résultat solution total heures jours semaine mois ans coûte vend achète pense penser sais savoir voyons
        vérifier vérifions besoin moins peu beaucoup ici là maintenant celui celle ceux non oui peut-être effet
        signifie donne donner prend prendre va vont vais allons soit dit voir aujourd'hui cependant toutefois
        également notamment quelque quelques chose aucun aucune ami angle art bat bilan correct dira dois dos
        fin hier large long main mal mer met mis moment mot part point points post pro sale sec second sein
        solo tes totale tri triangle type attends attendez d'accord vérifie utilise utilisons formule compte
        comptons cherche cherchons reprenons posons pose remplace divise multiplie soustrais soustrait ajoutant
        obtiens tire déduit déduis conclus finalement premièrement deuxièmement qu'est-ce n'y n'a n'ont
        j'obtiens j'ajoute jusque chacun chacune laquelle lequel aire côté longueur largeur hauteur rayon
        équation inconnue vaut valent vaut-il voilà exact exactement faux vrai juste revient reviens sait
        savons voit vois vu pris faisons refais plutôt selon tandis lors davantage supérieur inférieur pair
        impair prix minus super triple mille vent passer mari passe radio""",
    "es": """come comen de la que el en y a los se del las un por con no una su para es al lo como más o pero
        sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años
        hasta desde está mi porque qué sólo solo han yo hay vez puede todos así nos ni parte tiene él uno donde
        bien tiempo mismo ese ahora cada e vida otro después te otros aunque esa eso hace otra gobierno tan
        durante siempre día tanto ella tres sí dijo sido gran según menos mundo estas estos están estaba esto
        entonces luego primero segundo tercero último mitad doble veces suma número números respuesta pregunta
        problema calcular calculamos calculo sumar sumo sumamos restar resto restamos multiplicar multiplicamos
        multiplico dividir dividimos igual obtenemos obtiene encontrar encontramos resultado solución horas
        días semana meses cuesta vende compra pienso pensar sé saber veamos verificar comprobar necesito
        necesitamos necesita cuánto cuánta cuántos cuántas cuál cuáles quién cómo dónde nosotros ustedes ellos
        ellas nuestra nuestro tenemos tengo tienen podemos puedo pueden debe debemos deben vamos voy va hacer
        hacemos haciendo dar da significa queda quedan total cuatro cinco seis siete ocho nueve diez mucho
        muchos poco algo nada nunca aquí allí además sino mientras tras ante bajo contra hacia fin decir
        estamos estoy sería será tal correcto falso espera sabemos art cosa costa dan dia divide hizo lima mal
        mas mes mis nombre nombres once par peso post pro sale sana sub sur ten van vos vía uso usamos usar
        fórmula vale verifico verificamos compruebo comprobemos reviso revisar calculemos sumemos restemos
        multipliquemos dividamos obtengo encuentro busco buscamos falta faltan tomo tomamos hago queremos
        quiero ver veo vemos salen finalmente pues mayor mayores menor menores área lado ancho largo altura
        radio ecuación valor valores exacto correcta cierto claro primera primeros segunda cuarto quinto tercio
        triple resta restan sobran cien mil precio pesos aún todavía debería deberían haya hubiera sea tenga
        tengan puedes algún alguna algunos algunas ningún ninguna cualquier factor factores grande grandes
        pronto super minus""",
    "it": """di che è e la il un a per in una mi sono ho non ma lo ha le si ti i con cosa se io come da ci no
        questo qui hai sei del bene tu sì me più al mio perché lei solo te era gli tutto della così mia ne
        questa fare quando ora fatto essere so mai chi o alla tutti molto dei anche detto quello va niente
        grazie lui voglio abbiamo stato nel suo dove posso oh prima allora siamo poi delle fa due suoi nella
        loro noi voi degli dal dalla alle agli nei nelle sul sulla sui sulle quindi perciò dunque infine ogni
        altro altra altri altre stesso stessa quanto quanti quante quale quali mentre dopo senza tra fra sotto
        sopra ancora già sempre però oppure cioè numero numeri risposta domanda problema calcolare calcoliamo
        somma sommare sottrarre moltiplicare moltiplichiamo dividere dividiamo uguale otteniamo ottiene trovare
        risultato soluzione metà doppio volte ore giorni settimana costa vende compra penso sappiamo dobbiamo
        deve può possiamo vediamo verificare significa rimangono rimane tre quattro cinque sette otto nove
        dieci totale meno area art case dare detta disse divide donne durante essa falso fine gran logo mal
        nato onda parte poco post preciso pro qual resto sai sala sale sana sera sete sino son tal tanto tua
        uno van vie viso uso usiamo usare formula aspetta verifico verifichiamo controllo ricontrollo calcolo
        sommo sottraggo moltiplico divido ottengo trovo cerco prendo faccio facciamo vedo sapere serve servono
        finalmente infatti invece maggiore minore grande piccolo lato lunghezza larghezza altezza raggio
        equazione valore valori giusto sbagliato vero chiaro primo primi secondo terzo quarto quinto terzi
        restano cento mille prezzo ecco poiché adesso subito finisce finiscono c'è dell'area nell'ultima l'area
        l'altra quell'ultimo qualche alcuni alcune nessun nessuna qualsiasi largo pronto super minus radio
        triangolo""",
    "pt": """de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das
        tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois
        sem mesmo aos ter seus quem nas me esse eles estão você tinha foram essa num nem suas meu às minha têm
        numa pelos elas havia seja qual será nós tenho lhe deles essas esses pelas este dele tu te vocês vos
        lhes meus minhas teu tua nosso nossa então portanto assim logo porque porém primeiro segundo metade
        dobro vezes soma número números resposta pergunta problema calcular calculamos somar subtrair
        multiplicar dividir igual obtemos encontrar resultado solução horas dias semana custa vende compra
        penso sabemos precisamos preciso podemos posso deve temos vamos verificar significa restam quanto
        quantos quantas cada outro outra dois duas três quatro cinco seis sete oito nove dez total menos onde
        aqui agora nada fazer algo ali ama art costa contra dar desde dessa dia disse divide durante
        encontramos eram espera esta estamos estas falso jamais lima mal meses mil mundo nunca onda ora par
        parte pensar pense pia post preto pro queda resto saber sai sempre show solo som sub sul suma tal tanto
        tio toda todo todos uns vai vais vem vez vida vir uso usamos usar fórmula certo verifico conferir
        confiro calculo calculemos somo subtraio multiplico divido obtenho encontro procuro pego faço fazemos
        vejo vemos quero queremos finalmente maior menor lado largura comprimento altura raio equação valor
        valores correto errado verdade claro primeira segunda terceiro quarto quinto terço triplo sobra sobram
        cem preço reais ainda deveria deveriam tenha tenham pode podem algum alguma alguns algumas nenhum
        nenhuma qualquer pois além daí feito pronto isto aquilo aquele grande grandes super minus largo radio
        factor""",
    "nl": """de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar door over bij uit
        naar nog worden wordt werd heeft hebben had kan kunnen moet moeten zal zou zullen deze dit die wat wie
        waar wanneer waarom hoe welke ik je jij hij zij ze we wij jullie mijn jouw haar hun ons onze geen wel
        al alle meer veel weinig zo of want omdat dus daarom eerst daarna vervolgens tenslotte totaal samen
        tussen zonder tegen onder na tot sinds nu hier daar elke elk ieder andere twee drie vier vijf zes zeven
        acht negen tien getal aantal antwoord vraag probleem berekenen som optellen aftrekken vermenigvuldigen
        delen gelijk krijgen vinden helft keer uur dagen kost denk weet laten alles apart art begin beide
        correct denken even half hand ham hoeveel kosten loop macht man men mis moment pas pet post premier sex
        start ten ter tal ton totale was waren week werden werk word hem klaar oké kijken reken rekenen bereken
        deel tel tellen optel trek aftrek vermenigvuldig gebruik gebruiken formule oppervlakte lengte breedte
        hoogte zijde vergelijking waarde juist fout klopt goed zien zie vind blijft blijven nodig eigenlijk
        misschien natuurlijk namelijk immers anders nogmaals eindelijk tenminste verder terug prijs groter
        kleiner eerste derde laatste factor minus plus super radio""",
    "sv": """och att det i en på är som för med av den till inte har de om ett han men var jag från så kan när
        man vi hon vid nu skulle ska eller sig efter också där under sin mer än då hade alla vara in upp mycket
        bara denna detta dessa blir blev får fick göra gör hur vad vem varför vilken vilket eftersom därför
        alltså först sedan sist totalt tillsammans mellan utan mot här varje andra två tre fyra fem sex sju
        åtta nio tio talet tal antal svaret svar fråga problem beräkna räkna lika hälften gånger timmar dagar
        kostar tror vet behöver måste finns hans hennes arv bil bor dagen dem din dit fast fel fin gift hand
        hem jo just kvar lik moment nog ont post pro sagt sen ser son start stunden total ut klart okej vänta
        kollar kontrollera kontrollerar räknar beräknar adderar subtraherar multiplicerar dividerar delar tar
        hittar söker använder formeln arean längden bredden höjden sidan ekvationen värdet rätt stämmer
        slutligen därefter igen ganska större mindre första tredje sista hela halva vi'll minus plus super bok
        radio""",
    "da": """og i at det er en på til som med for den ikke af de et har han var jeg men fra så kan når man vi
        hun ved nu skulle skal eller sig efter også hvor under sin mere end da havde alle være op meget kun
        denne dette disse bliver blev får fik gøre gør hvordan hvad hvem hvorfor hvilken fordi derfor altså
        først derefter sammen mellem uden mod her hver andre to tre fire fem seks syv otte ni ti tallet tal
        antal svaret svar spørgsmål lig gange timer dage klar vent tjekker beregner regner lægger""",
    "no": """og i at det er en på til som med for den ikke av de et har han var jeg men fra så kan når man vi
        hun ved nå skulle skal eller seg etter også hvor under sin mer enn da hadde alle være opp mye bare
        denne dette disse blir ble får fikk gjøre gjør hvordan hva hvem hvorfor hvilken fordi derfor altså
        først deretter sammen mellom uten mot her hver andre to tre fire fem seks sju åtte ni ti tallet tall
        antall svaret svar spørsmål lik ganger timer dager klar vent sjekker beregner regner legger""",
    "fi": """ja on ei se että oli hän mutta joka kun niin kuin ovat myös tai sen jos vain siitä mitä tämä nyt
        voi minä sinä me te he olen olet olemme ole olla ollut sitten koska siis ensin lopuksi yhteensä kanssa
        ilman mukaan välillä kaksi kolme neljä viisi kuusi kuinka monta paljon luku lukua vastaus kysymys
        lasketaan laske jokainen tässä nämä ne meidän hänen täytyy pitää saadaan kertaa puolet jälkeen ennen""",
    "pl": """i w nie na się z do to że jest o jak a po co tak za od ale czy już dla tylko być jego ich przez
        który która które są było był była może więc ponieważ gdy kiedy jeśli jeżeli oraz lub albo również
        także bardzo jeszcze teraz tu tam ten ta te tego tej tych tym jej ja ty on ona my wy oni mam ma mamy
        mają musimy musi trzeba można razem między bez pod nad przed przy u liczba liczby liczbę odpowiedź
        pytanie zadanie obliczyć obliczmy dodać dodajemy odjąć pomnożyć mnożymy podzielić dzielimy równa równe
        wynosi wynik rozwiązanie suma połowa razy ile każdy każda dwa trzy cztery pięć sześć siedem osiem
        dziewięć dziesięć pierwszy drugi godzin dni kosztuje zatem następnie najpierw aby art dal dobro jeden
        kim kto lat list mit moi moja moment most nam nas nim pan pas per potem premier problem sam sama same
        seks sen sex tamto tato ton dobrze gotowe czekaj sprawdzam sprawdzę sprawdźmy sprawdzić liczę liczymy
        policzmy policzyć obliczam oblicz dodaję odejmuję odejmujemy mnożę dzielę biorę bierzemy szukam szukamy
        znajduję znaleźć używam użyję użyjemy wzór wzoru pole długość szerokość wysokość równanie wartość
        prawda fałsz dokładnie czyli bowiem choć chociaż dopóki znów znowu właśnie przykład taki taka takie
        inny inna inne jedna jedno jednego dwóch trzech czterech połowę wreszcie dalej skoro jemu niego niej
        nich nimi swój swoje wychodzi zostaje zostało otrzymuję otrzymujemy kiedyś większy mniejszy większa
        mniejsza więcej mniej wszystko wszystkie prostu minus plus super boku boki""",
    "cs": """a v se na je že s z do o i to jako za ale by jsou nebo který která které po tak jen aby když než
        byl byla bylo být má mají jeho jejich podle také už ještě proto protože tedy pokud kde jak co kdo kolik
        každý dva tři čtyři pět šest sedm osm devět deset číslo čísla odpověď otázka počet vypočítat celkem
        mezi bez pod nad před při nejprve potom tento tato toto můžeme musíme jsem jsme si ve ze ke dobře
        hotovo počkej ověřím ověřme zkontroluji zkontrolujme počítám počítáme spočítám spočítáme spočítejme
        sečtu sečteme přičtu odečtu odečteme násobím vynásobím vynásobíme dělím vydělím vydělíme hledám hledáme
        najdeme použiji použijeme vzorec obsah délka šířka výška strana rovnice hodnota správně přesně takže
        však nejdříve nakonec znovu jeden jedna jedno dvě dvou tří zbývá zbude zůstane dostaneme dostanu máme
        mám větší menší více méně všechno všechny jestli musím můžu bude budou není této toho tomu tím ten ta
        ty její dvakrát třikrát krát plus minus první druhý třetí poslední kolikrát součet výsledek obě oba
        vyšlo vyjde čísel všech těch těchto super pole""",
    "sk": """a v sa na je že s z do o i to ako za ale by sú alebo ktorý ktorá ktoré po tak len aby keď než bol
        bola bolo byť má majú jeho ich podľa tiež už ešte preto pretože teda ak kde čo kto koľko každý dva tri
        štyri päť šesť sedem osem deväť desať číslo odpoveď otázka počet vypočítať spolu medzi bez pod nad pred
        pri najprv potom tento táto toto môžeme musíme som sme si vo zo dobre hotovo počkaj overím overme
        skontrolujem skontrolujme počítam počítame spočítam spočítame vypočítam vypočítame sčítam sčítame
        pripočítam odčítam odčítame násobím vynásobím vynásobíme delím vydelím vydelíme hľadám hľadáme nájdeme
        použijem použijeme vzorec obsah dĺžka šírka výška strana rovnica hodnota správne presne takže však
        najskôr nakoniec znova jeden jedna jedno dve dvoch dvoma troch tromi ho zostáva zostane dostaneme
        dostanem máme mám väčší menší viac menej všetko všetky či musím môžem bude budú nie tejto toho tomu tým
        ten tá tie jej dvakrát trikrát krát prvý druhý tretí posledný keďže koľkokrát súčet výsledok teraz lebo
        ktorým nás nám čísla čísel obe oba vyšlo vyjde všetkých tých týchto minus plus super pole""",
    "hu": """a az és hogy nem is egy ez meg de van volt már csak mint vagy ha akkor még el ki be fel le itt
        ott ezt azt ami aki mert tehát ezért így először majd végül összesen között nélkül után előtt minden
        másik két kettő három négy öt hat hét nyolc kilenc tíz szám válasz kérdés feladat számoljuk egyenlő fele
        mennyi hány kell lehet lesz lenne vannak ő én te mi ti ők nagyon több kevesebb""",
    "ro": """de și în a la cu nu pe este un o să că din pentru mai ce se sau sunt au al ale ei el lui lor era
        care dar după până fost fi acest această aceste acesta prin când unde cum dacă atunci deci prima apoi
        total împreună între fără sub fiecare alt altă doi două trei patru cinci șase șapte opt nouă zece numărul
        număr răspunsul întrebare calculăm egal jumătate ori câte câți avem are am ai trebuie putem""",
    "tr": """ve bir bu için de da ile çok daha ne gibi ama o olarak olan olduğu var yok en kadar her sonra ben
        sen biz siz onlar onun bunu şu mi mı mu mü değil ise ya ki hem veya çünkü eğer şimdi önce ilk ikinci
        üçüncü son iki üç dört beş altı yedi sekiz dokuz on sayı sayısı sayısını toplam toplamı kaç kez katı
        yarısı cevap soru problem hesapla hesaplayalım hesaplayarak hesaplamak bulmak buluruz bulalım eder
        edelim ekle eklersek çarp çarparsak çarpalım böl bölersek bölelim eşit eşittir sonuç çözüm adım
        dolayısıyla böylece yani öyleyse bize bana ona bizim onu olur oldu olacak olması gerekir gerekiyor
        lazım düşünelim düşünüyorum biliyoruz biliyorum doğru yanlış hayır evet kalan kalır geriye gün saat
        hafta biri arasında göre üzere tüm bütün diğer başka aynı şey şekilde zaman nasıl neden kim hangi
        kontrol edersek yapalım yapmak alırsak içinde ardından sadece yine bile hiç dahil dar denk dur ele fare
        hasta hat kan kes mal mert onda para pas post sana ses sex sur tam tan ton alan ilan tamam peki bakalım
        kullanalım kullanayım kullanırız kullanarak formülü formül alanı kenarı uzunluğu ekliyorum çıkarıyorum
        çıkaralım çıkarırız çıkarırsak topluyorum toplarız toplayalım toplarsak bölüyorum böleriz çarpıyorum
        çarparız buluyorum buldum bulmam bulmamız gerek demek istiyor soruyor soruluyor veriliyor verilmiş
        edeyim ediyorum bakayım bekle dakika tekrar görünüyor oluyor olmalı olsun yapıyorum yaparız yaparım
        sayıdır sayılar sayıyı sayının ikisi üçü büyük küçük çift tek fazla eksik birlikte ayrıca böyle öyle
        işte bunun bunlar bunları onları kendi""",
    "vi": """và của là có được cho không trong một các những với này đã để khi người ta tôi thì cũng đó từ vào
        ra như nhiều năm ở mà về lại hay phải đến nếu vì nên số bằng nhân chia cộng trừ tổng hai ba bốn sáu bảy
        tám chín mười đầu tiên sau tiếp theo cuối cùng vậy do bao nhiêu mỗi ngày giờ tuần tháng đồng tiền còn
        kết quả câu hỏi đáp án trả lời tính toán cần biết nghĩ rằng bạn chúng anh em cô ấy nó họ bị rất hơn
        nhất chỉ đang sẽ trên dưới giữa trước đúng sai gấp đôi nửa phần bước thứ bài hãy xem lấy làm đi lên
        xuống thêm bớt ban chi con gian han long lui mai men nam quan sang son tai tam tan than tin tra tri
        mình rồi khoan kiểm nhé dùng công thức dừng đây tìm giả sử nhận thấy suy đặt gọi chữ phương trình diện
        tích chiều dài rộng cao cạnh bán kính giác hình vuông tròn lớn nhỏ chẵn lẻ trăm nghìn mấy mọi nhau
        riêng đều chính tức nghĩa thế đề bắt gồm mua giá hết đủ thiếu thay giải xong""",
    "id": """yang dan di dari untuk dengan ini itu tidak pada adalah dalam akan ke juga oleh saya kami kita
        anda dia mereka ada bisa dapat sudah telah atau karena jadi maka jika lalu kemudian pertama kedua
        ketiga setiap total jumlah angka bilangan jawaban pertanyaan soal hitung menghitung tambah tambahkan
        kurangi kali kalikan bagi dibagi sama hasil hasilnya setengah berapa satu dua tiga empat lima enam
        tujuh delapan sembilan sepuluh hari jam minggu harga lebih kurang harus perlu antara sebagai seperti
        namun tetapi hanya masih lagi semua agar aku area aura bila bilang bin bola bukan emas era kaki kan
        kaya main makan mas nama para per post premier sana sebab sen sex sisi solo tak tua tri ton bantu ya
        kalau oke tunggu cek periksa mencari cari gunakan menggunakan rumus luas panjang lebar tinggi selesai
        sehingga yaitu yakni tersebut sekarang pertama-tama selanjutnya terakhir akhirnya benar salah tersisa
        sisa""",
    "tl": """ang ng sa na mga ay at ito si ni para kung hindi siya ako ikaw kami tayo sila niya ko mo may
        mayroon wala dahil kaya pero o ngunit isa dalawa tatlo apat lima bilang sagot tanong lahat bawat kabuuang
        ilan""",
    "sw": """ya na wa kwa ni katika la za kuwa hii hiyo hizo yake wake lakini kama au pia sana kila moja mbili
        tatu nne tano jibu swali nambari jumla ngapi idadi ana ina alikuwa ikiwa baada kabla hivyo kisha sisi
        yeye wao kwanza eneo sawa ngoja lazima mara tuna nina ninahitaji tunahitaji wote zote vyote yote wale
        hao sasa kwamba zaidi chini tena bado pamoja bila kuna sio gani muda saa siku dakika bei pesa anaweza
        mwisho nusu namba hesabu nahesabu jumlisha najumlisha tunajumlisha gawanya nagawanya tunagawanya
        zidisha nazidisha tunazidisha natoa tunatoa napata tunapata cha ili wetu mia""",
    "ca": """de la el i a en que els les un una per amb no és del al més com es però són va ser ha hi o si
        quan també aquest aquesta nombre resposta pregunta llavors doncs cada dos dues tres quatre cinc què
        quants tenim""",
    "hr": """i u je na se da su za od s sa kao ne što to ali ili koji koja koje ako onda jer dakle broj broja
        odgovor pitanje ukupno svaki svaka dva tri četiri pet šest sedam osam devet deset koliko imamo ima može
        moramo biti bio bila prvo zatim nakon prije između bez ovo ovaj smo sam ste nije""",
    "sl": """in je na se da so za od z s kot ne kar to ali pa ki če potem ker torej število odgovor vprašanje
        skupaj vsak dva tri štiri pet šest koliko imamo ima lahko moramo biti bil bila najprej nato med brez ta
        smo sem ni""",
    "et": """ja on ei see et oli ta aga kui nii ka või mis kes siis sest seega arv vastus küsimus kokku iga
        kaks kolm neli viis kuus mitu meil peab saame olema ning selle""",
    "lv": """un ir ka uz ar no par kas bet vai ja tad jo tātad skaits atbilde jautājums kopā katrs divi trīs
        četri pieci cik mums var jābūt pēc lai šis nav""",
    "lt": """ir yra kad į su iš ne tai bet ar jei tada nes taigi skaičius atsakymas klausimas viso kiekvienas
        du trys keturi penki kiek mes turime gali būti po kaip buvo jis""",
    "sq": """dhe të në e për me një është që nga se ka si nuk por ose nëse atëherë sepse numri përgjigja
        pyetja gjithsej secili dy tre katër pesë sa kemi duhet pas""",
    "eu": """eta da ez bat du dira zen hau hori baina edo ere baldin orduan beraz zenbat erantzuna galdera
        guztira bakoitza bi hiru lau bost dugu behar ondoren""",
    "eo": """la kaj de en estas al ne por ke kun mi ni vi li ŝi ili tio tiu kiu sed aŭ se do ĉar nombro
        respondo demando ĉiu du tri kvar kvin kiom havas devas post""",
    "af": """die en van is in het dat nie vir met op te ek jy hy sy ons hulle wat as maar of dan want dus
        getal antwoord vraag elke twee drie vier vyf hoeveel kan moet word""",
    "la": """et in est non ad ut cum sed qui quae quod si ex per esse sunt ergo enim nam numerus unde quia
        igitur atque autem""",
    "cy": """y yr a i yn o ar mae ac nid am wedi gan eu oedd ond os felly rhif ateb cwestiwn pob dau tri
        pedwar pump faint gennym""",
    "ga": """an na agus is ar le de do go bhí tá sé sí ach má uimhir freagra ceist gach dhá trí ceithre
        cúig""",
    "is": """og að í á er sem það við til af en ekki um hann hún var með fyrir ég þá eða ef því svo fjöldi
        svar spurning hver tveir þrír fjórir fimm hversu""",
    "az": """və bir bu üçün ilə də da ki o var olan daha çox sonra əgər onda çünki deməli ədəd cavab sual
        cəmi hər iki üç dörd beş neçə biz""",
    "uz": """va bir bu uchun bilan ham emas edi bor keyin agar chunki demak son javob savol jami har ikki uch
        to'rt besh nechta biz""",
}
"""Common words by language."""
